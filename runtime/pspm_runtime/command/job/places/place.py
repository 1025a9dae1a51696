"""What a job needs of the place of its results."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import IO, Any, Protocol


class Log(Protocol):
    """A file of lines that one process appends to."""

    def append(self, line: str) -> None:
        """Append a line, without its end. Raises OutputError."""

    def close(self) -> None:
        """Keep what was appended. Raises OutputError."""


class Place(Protocol):
    """A folder of a disk or a prefix of an object store. Names are paths inside it, with /.

    Every method raises OutputError where it cannot write, and JobStoppedError where nothing could be written any more.
    """

    @property
    def address(self) -> str:
        """How messages name the place."""

    def open(self, run: str) -> None:
        """Make the place ready for a run of this name, and remove what killed runs left unfinished."""

    def close(self) -> None:
        """End the run."""

    def deliver(self, name: str, data: bytes, *, force: bool) -> None:
        """Write a result whole or not at all. Without `force` only a file of the same bytes may be there already."""

    def log(self, name: str) -> Log:
        """Begin a new log."""

    def replace(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """Yield a file to write to; at the end it gets the name, in place of an older one."""

    def sizes(self, folder: str) -> dict[str, int]:
        """The names of the files in a folder, sorted, and their bytes; none if it is missing."""

    def read(self, name: str, end: int | None = None) -> Iterator[dict[str, Any]]:
        """Yield the lines of a log that begin before `end`, without those that are damaged."""

    def sizes_of(self, names: list[str]) -> list[int | None]:
        """The bytes of each file, None for one that is missing."""

    def remove(self, name: str) -> None:
        """Remove a file if it is there."""
