"""Which samples each training step uses: the same ones in every run, on one device or on several."""

from collections.abc import Iterator

from torch.utils.data import Sampler

from pspm.training.recipes import Recipe


class BatchSampler(Sampler[list[tuple[int, int]]]):
    """Yields a list of (crop, index) for each step from `start` on: the share of device `rank` out of `devices`.

    Its length is the length of the whole run, even if it starts in the middle, so that a resumed run counts on.
    """

    def __init__(self, recipe: Recipe, steps: int, start: int, rank: int, devices: int) -> None:
        self.recipe, self.steps, self.start, self.rank, self.devices = recipe, steps, start, rank, devices

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        largest = max(phase.batch for phase in self.recipe.phases)
        for step in range(self.start, self.steps):
            phase = self.recipe.phase(step, self.steps)
            each = phase.batch // self.devices
            first = step * largest + self.rank * each
            yield [(phase.crop, index) for index in range(first, first + each)]
