"""What a job needs of the place of its photos."""

from collections import Counter
from collections.abc import Iterator
from typing import Protocol

from pspm_runtime.command.job.item import Item


class Source(Protocol):
    """The photos of a job, listed once, in the same order each time. What is not a photo is counted.

    Raises PspmError where the photos cannot be listed.
    """

    @property
    def left_out(self) -> Counter[str]:
        """What was left out so far, by kind."""

    def items(self) -> Iterator[Item]:
        """Yield the photos, without their states unless these came with the list."""

    def with_states(self, unit: list[Item]) -> list[Item]:
        """The photos with size and time of change."""

    def check(self, item: Item) -> None:
        """Raise OutputError if the result of a photo would replace an input."""
