"""A photo of a job, and what became of it."""

from dataclasses import dataclass

from pspm_runtime.errors import PspmError


class JobStoppedError(PspmError):
    """What ends a whole job, because it would be the same for every further photo: a disk that is full."""


@dataclass(frozen=True, slots=True)
class Item:
    """A photo of a job.

    photo: its path, or its address in an object store. result: the path of its result in the output, with /.
    size: in bytes; changed_ns: the time of its last change; -1 where it is not known.
    error: why it cannot be processed, or None.
    """

    photo: str
    result: str
    size: int = -1
    changed_ns: int = -1
    error: PspmError | None = None

    @property
    def key(self) -> str:
        """What tells the photo from another one of the same path: its size and its time."""
        return f"{self.size}-{self.changed_ns}"


@dataclass(frozen=True, slots=True)
class Delivered:
    """A photo whose result is written.

    milliseconds: from reading to writing. size: of the result in bytes. sha256: of the photo, if it was asked for.
    """

    milliseconds: int
    size: int
    frames_left: int = 0
    has_person: bool = True
    sha256: str | None = None
