"""A shard: the part of a run's photos that one of several machines does, as an array job of a cluster asks for."""

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pspm_runtime.command.batch.planning.plan import Job
from pspm_runtime.errors import PspmError


@dataclass(frozen=True)
class Shard:
    """Part `number` (1 to `count`) of `count` parts.

    The path of a photo's result decides, so each photo is in one part, and stays there when other photos are added.
    """

    number: int = 1
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Read "3/16". Raises PspmError for anything else, and for a number out of its range."""
        match = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text)
        if not match or not 1 <= int(match[1]) <= int(match[2]):
            raise PspmError(f"--shard {text} is not a part such as 3/16, which is the third of 16")
        return cls(int(match[1]), int(match[2]))

    def of(self, jobs: Iterable[Job]) -> Iterator[Job]:
        """The jobs of this part, in their order."""
        return (job for job in jobs if self.holds(job.result.as_posix()))

    def holds(self, result: str) -> bool:
        """Whether the photo whose result has this path, with /, is in this part."""
        return zlib.crc32(result.encode(errors="surrogateescape")) % self.count == self.number - 1
