"""The photos of a folder on a disk, planned as the folder commands do it."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from pspm_runtime.command.batch.planning.names import Disk
from pspm_runtime.command.batch.planning.plan import Plan
from pspm_runtime.command.batch.planning.protected_inputs import ProtectedInputs
from pspm_runtime.command.job.item import Item


class FolderSource:
    """Every photo below a folder; see `Plan`.

    out: the folder of results, None if it is on no disk. inputs: further files that no result may replace.
    disk: tells which names of results are one.
    """

    def __init__(self, folder: Path, out: Path | None, suffix: str, inputs: Iterable[Path], disk: Disk) -> None:
        self._plan = Plan([folder], out, suffix)
        self._plan.disk = disk
        self._out = out
        self._inputs = ProtectedInputs([folder, *inputs], self._plan.folders, out)

    @property
    def left_out(self) -> Counter[str]:
        """See `Source`."""
        return self._plan.left_out

    def items(self) -> Iterator[Item]:
        """See `Source`."""
        for job in self._plan:
            yield Item(str(job.photo), job.result.as_posix(), error=job.error)

    def with_states(self, unit: list[Item]) -> list[Item]:
        """See `Source`."""
        return [with_state(item) for item in unit]

    def check(self, item: Item) -> None:
        """See `Source`."""
        if self._out is not None:
            self._inputs.check(self._out / item.result, Path(item.photo))


def with_state(item: Item) -> Item:
    """A photo on a disk with its size and time; unchanged if it is missing."""
    try:
        facts = os.stat(item.photo)  # noqa: PTH116 - also for names that are too long for Path
    except (OSError, ValueError):
        return item
    return replace(item, size=facts.st_size, changed_ns=facts.st_mtime_ns)
