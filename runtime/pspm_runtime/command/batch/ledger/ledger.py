"""The ledger of an output folder: which result was made from which photo, and how."""

import hashlib
import json
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from pspm_runtime.command.batch.ledger.file_lock import lock
from pspm_runtime.command.batch.ledger.ledger_lines import LEDGER, Digests, ledger_lines
from pspm_runtime.errors import OutputError
from pspm_runtime.files.encoding.deflate import fast_zlib

FORMAT = 1
# Of temporary folders beside the results; the token of the run follows, so that only dead runs are cleaned up.
_UNFINISHED = ".pspm-"
_PART = 1 << 20


@dataclass(frozen=True)
class PhotoState:
    """What a photo's file was like before it was read: name, size in bytes, time of its last change."""

    name: str
    size: int
    changed_ns: int

    @classmethod
    def of(cls, photo: Path) -> "PhotoState | None":
        """The state of a photo now, None if it is missing."""
        try:
            facts = os.stat(photo)  # noqa: PTH116 - also for names that are too long for Path
        except OSError:
            return None
        return cls(photo.name, facts.st_size, facts.st_mtime_ns)


class Ledger:
    """A file of JSON lines that runs append to, in one folder of results.

    A run begins with a line of its recipe and ends with one, too. The line of a result is written when the result is
    complete, just before it gets its name. So a run that is killed leaves no result without a line. A line without its
    result is harmless, because it also says when the result was written and its checksum. Damaged lines are ignored.

    While a run goes on it holds a shared lock on the file. A run that could lock it alone knows that all others that
    have not ended were killed.

    folder: the output folder. recipe: what a result depends on besides its photo; see `Effect.recipe`.
    resume: read the lines of earlier runs, for `holds`.
    """

    def __init__(self, folder: Path, recipe: dict[str, Any], *, resume: bool = False) -> None:
        self._folder = folder
        self._path = folder / LEDGER
        self._run = secrets.token_hex(4)
        self._recipe = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:16]
        self._killed: set[str] = set()
        self._cleaned: set[str] = set()
        try:
            self._file = self._open()
        except OSError as error:
            raise OutputError(f"{folder} cannot be written: {error.strerror}; choose another place") from None
        try:
            alone = lock(self._file, exclusive=True)
            size = os.fstat(self._file).st_size
            self._results = Digests(self._read(size, alone=alone) if resume else ())
            # Only now, and with the lock of a run that goes on, can others see this run.
            lock(self._file, exclusive=False)
            # Lines that other processes append from now on are read later, by `made_meanwhile`.
            self._read_to = os.fstat(self._file).st_size
            self._mended = self._ends_with_newline()
            self._append({"ledger": FORMAT, "run": self._run, "recipe": self._recipe, "of": recipe})
        except OSError as error:
            os.close(self._file)
            raise OutputError(f"{self._path} cannot be used: {error.strerror}; choose another place") from None
        except BaseException:
            os.close(self._file)
            raise

    @property
    def unfinished(self) -> str:
        """How the names of this run's temporary folders begin."""
        return f"{_UNFINISHED}{self._run}-"

    def close(self) -> None:
        """Say that the run has ended, and close the file."""
        try:
            self._append({"end": self._run})
        except OSError:
            pass  # on a full disk the run counts as killed, which only costs the next one a look for its leftovers
        finally:
            os.close(self._file)

    def holds(self, photo: PhotoState | None, result: PurePath) -> bool:
        """Whether the result exists, complete, and a line says that this photo and recipe gave it."""
        try:
            facts = os.stat(self._folder / result)  # noqa: PTH116
        except OSError:
            return False
        made = self._made(photo, result, facts.st_size)
        if photo is None or made not in self._results:
            return False
        if [*made, "ns", facts.st_mtime_ns] in self._results:
            return True
        # The time is another one after a copy, or because an older file has the name.
        return [*made, "crc32", _checksum(self._folder / result)] in self._results

    def made_meanwhile(self, photo: PhotoState | None, result: PurePath) -> bool:
        """Whether another process made the result, of the same photo and recipe, since this ledger was opened."""
        end = os.fstat(self._file).st_size
        for line in ledger_lines(self._path, self._read_to, end):
            if line.get("run") != self._run:
                for fact in _facts(line):
                    self._results.add(fact)
        self._read_to = end
        return self.holds(photo, result)

    def add(self, photo: PhotoState, result: PurePath, data: bytes, unfinished: Path) -> None:
        """Append the line of a result that is complete under a temporary name. Raises OutputError if that fails."""
        entry = {
            "result": result.as_posix(),
            "bytes": len(data),
            "ns": os.stat(unfinished).st_mtime_ns,  # noqa: PTH116
            "crc32": fast_zlib.crc32(data),
            "photo": photo.name,
            "photo_bytes": photo.size,
            "photo_ns": photo.changed_ns,
            "recipe": self._recipe,
            "run": self._run,
        }
        try:
            self._append(entry)
        except OSError as error:
            raise OutputError(f"{self._path} cannot be written: {error.strerror}; choose another place") from None

    def remove_placeholder(self, photo: PhotoState | None, result: PurePath) -> bool:
        """Remove the empty file with which a run was killed while it took a name, on a disk without hard links."""
        target = self._folder / result
        if photo is None or ["claimed", *self._made(photo, result, 0)] not in self._results:
            return False
        try:
            if os.lstat(target).st_size > 0 or not target.is_file():
                return False
            target.unlink()
        except OSError:
            return False
        return True

    def clean(self, folder: Path) -> None:
        """Remove what killed runs left unfinished in a folder of results, the first time that it is asked to."""
        if not self._killed or str(folder) in self._cleaned:
            return
        self._cleaned.add(str(folder))
        try:
            with os.scandir(folder) as entries:
                left = [entry.path for entry in entries if _run_of(entry.name) in self._killed]
        except OSError:
            return
        for path in left:
            shutil.rmtree(path, ignore_errors=True)

    def _open(self) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
        for name in ("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC"):
            flags |= getattr(os, name, 0)
        if self._path.is_symlink():
            raise OutputError(f"{self._path} is a link; remove it, so that a ledger can be made")
        file = os.open(self._path, flags, 0o666)
        facts = os.fstat(file)
        if not stat.S_ISREG(facts.st_mode) or facts.st_nlink > 1:
            os.close(file)
            raise OutputError(
                f"{self._path} has another name or is not a regular file; remove it, so that a ledger can be made"
            )
        return file

    def _read(self, end: int, *, alone: bool) -> Iterator[list[Any]]:
        """Yield the facts of earlier runs, and remember which of the runs were killed."""
        for line in ledger_lines(self._path, 0, end):
            if isinstance(line.get("ledger"), int) and line["ledger"] > FORMAT:
                raise OutputError(f"{self._path} is of a newer version of PSPM; update PSPM, or choose another folder")
            if "ledger" in line and alone:
                self._killed.add(str(line.get("run")))
            self._killed.discard(str(line.get("end")))
            yield from _facts(line)

    def _ends_with_newline(self) -> bool:
        with self._path.open("rb") as file:
            file.seek(max(0, self._read_to - 1))
            return file.read(1) in (b"", b"\n")

    def _made(self, photo: PhotoState | None, result: PurePath, size: int) -> list[Any]:
        state = [photo.name, photo.size, photo.changed_ns] if photo else []
        return [result.as_posix(), size, *state, self._recipe]

    def _append(self, entry: dict[str, Any]) -> None:
        # One write, so that lines of several processes do not mix. A line that was cut short is ended first.
        text = ("" if self._mended else "\n") + json.dumps(entry) + "\n"
        self._mended = False
        if os.write(self._file, text.encode()) < len(text):
            raise OSError(28, "No space left on device")
        self._mended = True


def _facts(line: dict[str, Any]) -> Iterator[list[Any]]:
    """What a line says, in the forms in which `Ledger` asks."""
    if "result" not in line:
        return
    result, *state = (line.get(key) for key in ("result", "photo", "photo_bytes", "photo_ns", "recipe"))
    made = [result, line.get("bytes"), *state]
    yield made
    yield [*made, "ns", line.get("ns")]
    yield [*made, "crc32", line.get("crc32")]
    yield ["claimed", result, 0, *state]


def _run_of(name: str) -> str | None:
    return name.removeprefix(_UNFINISHED).partition("-")[0] if name.startswith(_UNFINISHED) else None


def _checksum(path: Path) -> int | None:
    checksum = 0
    try:
        with path.open("rb") as file:
            while part := file.read(_PART):
                checksum = fast_zlib.crc32(part, checksum)
    except OSError:
        return None
    return checksum
