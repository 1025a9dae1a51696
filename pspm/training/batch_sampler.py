"""Which samples a step sees: the same ones whenever it is taken, on one device or on several."""

from collections.abc import Iterator

import torch
from torch.utils.data import DataLoader, Sampler

from pspm.data.samples.samples import Batch, Samples
from pspm.training.recipes import Recipe


class Steps(Sampler[list[tuple[int, int]]]):
    """One list of (crop, index) for each step from `start` on; device `rank` of `devices` gets its share of each.

    Its length is that of the whole run, also where it starts in the middle: a resumed run then counts on.
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


def collate(samples: list[Batch]) -> Batch:
    """Stack the fields of samples."""
    return Batch(*(torch.stack(field) for field in zip(*samples, strict=True)))


def load(samples: Samples, steps: Steps, workers: int) -> DataLoader[Batch]:
    """Batches decoded by `workers` processes beside the training."""
    return DataLoader(
        samples,
        batch_sampler=steps,
        collate_fn=collate,
        num_workers=workers,
        pin_memory=torch.cuda.is_available(),
        persistent_workers=False,
        prefetch_factor=4 if workers else None,
    )
