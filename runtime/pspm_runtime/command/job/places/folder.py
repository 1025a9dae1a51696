"""A folder of a disk as the place of a job's results."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from pspm_runtime.command.batch.ledger.file_lock import lock
from pspm_runtime.command.batch.ledger.ledger_lines import JOB_FOLDER, ledger_lines
from pspm_runtime.command.job.item import JobStoppedError
from pspm_runtime.errors import OutputError
from pspm_runtime.files.atomic_write import give_name

# What one name on a disk can be the reason of; any other error would be the same for the next photo.
_OF_A_NAME = (errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.EILSEQ, errno.EINVAL, errno.ELOOP, errno.ENOTEMPTY)


class Folder:
    """A folder. Unfinished files are in a folder of their own below it, on the same disk, and get their names whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._unfinished: Path | None = None
        self._lock: int | None = None
        self._made: set[str] = set()

    @property
    def address(self) -> str:
        """See `Place`."""
        return str(self._path)

    def open(self, run: str) -> None:
        """See `Place`."""
        if self._path.exists() and not self._path.is_dir():
            raise OutputError(f"{self._path} is a file; give a folder for the results with -o")
        waiting = self._path / JOB_FOLDER / "unfinished"
        try:
            waiting.mkdir(parents=True, exist_ok=True)
            _clean(waiting)
            self._lock = _locked(waiting / f"{run}.lock")
        except OSError as error:
            raise OutputError(f"{self._path} cannot be written: {error.strerror}; choose another place") from None
        self.join(run)

    def join(self, run: str) -> None:
        """Write for a run that another process has opened."""
        self._unfinished = self._path / JOB_FOLDER / "unfinished" / run

    def close(self) -> None:
        """See `Place`."""
        if self._unfinished is None or self._lock is None:
            return
        shutil.rmtree(self._unfinished, ignore_errors=True)
        with suppress(OSError):
            self._unfinished.with_name(f"{self._unfinished.name}.lock").unlink()
        os.close(self._lock)
        self._lock = None

    def deliver(self, name: str, data: bytes, *, force: bool) -> None:
        """See `Place`."""
        target = self._path / name
        try:
            if target.is_dir():
                raise OutputError(f"{target} is a folder; give another folder with -o")
            self._make(target.parent)
            unfinished = self._new_name()
            try:
                unfinished.write_bytes(data)
                # An empty file is the name that a killed run took on a disk without hard links.
                give_name(unfinished, target, replace=force or _size(target) == 0)
            finally:
                unfinished.unlink(missing_ok=True)
        except FileExistsError:
            if not _holds(target, data):
                raise OutputError(f"{target} exists already, with other content; give --force to replace it") from None
        except OSError as error:
            raise _output_error(target, error) from None

    def log(self, name: str) -> "_FolderLog":
        """See `Place`."""
        path = self._path / name
        try:
            self._make(path.parent)
            return _FolderLog(path)
        except OSError as error:
            raise _output_error(path, error) from None

    @contextmanager
    def replace(self, name: str) -> Iterator[IO[bytes]]:
        """See `Place`."""
        path = self._path / name
        try:
            self._make(path.parent)
            unfinished = self._new_name()
            try:
                with unfinished.open("wb") as file:
                    yield file
                give_name(unfinished, path, replace=True)
            finally:
                unfinished.unlink(missing_ok=True)
        except OSError as error:
            raise _output_error(path, error) from None

    def sizes(self, folder: str) -> dict[str, int]:
        """See `Place`."""
        try:
            with os.scandir(self._path / folder) as entries:
                return dict(sorted((f"{folder}/{entry.name}", entry.stat().st_size) for entry in entries))
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            raise OutputError(f"{self._path / folder} cannot be read: {error.strerror}; check it") from None

    def read(self, name: str, end: int | None = None) -> Iterator[dict[str, Any]]:
        """See `Place`."""
        try:
            yield from ledger_lines(self._path / name, 0, end)
        except OSError as error:
            raise OutputError(f"{self._path / name} cannot be read: {error.strerror}; check it") from None

    def sizes_of(self, names: list[str]) -> list[int | None]:
        """See `Place`."""
        return [_size(self._path / name) for name in names]

    def remove(self, name: str) -> None:
        """See `Place`."""
        with suppress(OSError):
            (self._path / name).unlink()

    def _new_name(self) -> Path:
        folder = self._unfinished or self._path / JOB_FOLDER / "unfinished"
        self._make(folder)
        return folder / secrets.token_hex(8)

    def _make(self, folder: Path) -> None:
        """Make a folder, and remember it, because asking the disk costs more than a photo's line."""
        if str(folder) not in self._made:
            folder.mkdir(parents=True, exist_ok=True)
            if len(self._made) > 1000:
                self._made.clear()
            self._made.add(str(folder))


class _FolderLog:
    def __init__(self, path: Path) -> None:
        self._path = path
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        for name in ("O_BINARY", "O_CLOEXEC"):
            flags |= getattr(os, name, 0)
        self._file = os.open(path, flags, 0o666)

    def append(self, line: str) -> None:
        """See `Log`."""
        data = f"{line}\n".encode()
        try:
            written = os.write(self._file, data)
        except OSError as error:
            raise _output_error(self._path, error) from None
        if written < len(data):
            raise _output_error(self._path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    def close(self) -> None:
        """See `Log`."""
        os.close(self._file)


def _output_error(path: Path, error: OSError) -> OutputError | JobStoppedError:
    reason = error.strerror or type(error).__name__
    if error.errno in _OF_A_NAME:
        return OutputError(f"{path} cannot be written: {reason}; choose another place")
    return JobStoppedError(f"{path} cannot be written: {reason}; correct that, and give the command again to go on")


def _holds(target: Path, data: bytes) -> bool:
    try:
        return target.is_file() and target.stat().st_size == len(data) and target.read_bytes() == data
    except OSError:
        return False


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _locked(path: Path) -> int:
    """Make a file and lock it for as long as this process lives, so that others know that the run goes on."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        lock(file, exclusive=True)
        with suppress(FileNotFoundError):
            if os.path.sameopenfile(file, other := os.open(path, os.O_RDONLY)):
                os.close(other)
                return file
            os.close(other)
        os.close(file)  # another run has removed it between the two steps


def _clean(folder: Path) -> None:
    """Remove the unfinished files of runs that were killed: those whose lock is free."""
    for path in folder.glob("*.lock"):
        with suppress(OSError):
            file = os.open(path, os.O_RDWR)
            try:
                if lock(file, exclusive=True):
                    shutil.rmtree(path.with_suffix(""), ignore_errors=True)
                    path.unlink()
            finally:
                os.close(file)
