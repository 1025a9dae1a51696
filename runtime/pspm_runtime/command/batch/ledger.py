"""The ledger of an output folder: which result was made from which photo, and how."""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

from pspm_runtime.errors import OutputError
from pspm_runtime.files.atomic_write import remove_unfinished

LEDGER = ".pspm-ledger.jsonl"


class Ledger:
    """A file of JSON lines that runs append to, in one folder of results.

    A line is written just before its result gets its name. So a run that is killed leaves no result without a line, and
    a line without a result is harmless. A line that was cut short is ignored.

    folder: the output folder. alone: whether no other process had the ledger open.
    recipe: what a result depends on besides its photo; see `Effect.recipe`.
    """

    def __init__(self, folder: Path, recipe: dict[str, Any]) -> None:
        self._folder = folder
        self._path = folder / LEDGER
        self._recipe = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:16]
        self._known: set[bytes] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o666)
        except OSError as error:
            raise OutputError(f"{folder} cannot be written: {error.strerror}; choose another place") from None
        self.alone = _lock(self._file, exclusive=True)
        _lock(self._file, exclusive=False)
        # Lines that other processes append from now on are read later, by `made_meanwhile`.
        self._read_to = self._start = os.fstat(self._file).st_size
        # Ends a line that was cut short.
        begin = "" if self._ends_with_newline() else "\n"
        self._append(begin + json.dumps({"recipe": self._recipe, **recipe}) + "\n")

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def read_earlier_runs(self) -> None:
        """Read the lines of earlier runs, for `holds`, and remove what killed runs left unfinished."""
        if self.alone:
            for folder, _, _ in os.walk(self._folder):
                remove_unfinished(Path(folder))
        self._known.update(_digest(line) for line in self._lines(0, self._start))

    def holds(self, photo: Path, result: PurePath) -> bool:
        """Whether the result exists and a line that was read says that this photo and recipe gave it."""
        try:
            size = (self._folder / result).stat().st_size
            return _digest(self._line(photo, result, size)) in self._known
        except OSError:
            return False

    def made_meanwhile(self, photo: Path, result: PurePath) -> bool:
        """Whether another process made the result, of the same photo and recipe, since this ledger was opened."""
        end = os.fstat(self._file).st_size
        self._known.update(_digest(line) for line in self._lines(self._read_to, end))
        self._read_to = end
        return self.holds(photo, result)

    def add(self, photo: Path, result: PurePath, size: int) -> None:
        """Append the line of a result of `size` bytes. Raises OutputError if it cannot be written."""
        try:
            self._append(self._line(photo, result, size) + "\n")
        except OSError as error:
            raise OutputError(f"{self._path} cannot be written: {error.strerror}; choose another place") from None

    def _line(self, photo: Path, result: PurePath, size: int) -> str:
        facts = photo.stat()
        entry = {
            "result": result.as_posix(),
            "bytes": size,
            "photo": photo.name,
            "photo_bytes": facts.st_size,
            "photo_mtime_ns": facts.st_mtime_ns,
            "recipe": self._recipe,
        }
        return json.dumps(entry)

    def _ends_with_newline(self) -> bool:
        with self._path.open("rb") as file:
            file.seek(max(0, self._start - 1))
            return file.read(1) in (b"", b"\n")

    def _append(self, text: str) -> None:
        # One write, so that lines of several processes do not mix.
        os.write(self._file, text.encode())

    def _lines(self, start: int, end: int) -> Iterator[str]:
        with self._path.open("rb") as file:
            file.seek(start)
            while file.tell() < end and (line := file.readline()):
                yield line.decode(errors="replace").rstrip("\n")


def _lock(file: int, *, exclusive: bool) -> bool:
    """Lock a file until it is closed, and return whether that was possible at once; False where locks are missing."""
    try:
        import fcntl
    except ImportError:  # Windows
        return False
    try:
        fcntl.flock(file, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _digest(line: str) -> bytes:
    """16 bytes that stand for a line, so that a million lines fit into memory."""
    return hashlib.blake2b(line.encode(errors="surrogateescape"), digest_size=16).digest()
