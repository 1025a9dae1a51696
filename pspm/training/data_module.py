"""Data loaders of a run: training batches and validation images."""

import lightning
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from pspm.data.samples.batch import Batch, collate
from pspm.data.samples.dataset import TrainingDataset
from pspm.training.batch_sampler import BatchSampler
from pspm.training.recipes import Recipe
from pspm.training.settings import Settings
from pspm.training.validation_set import ValidationSet


class DataModule(lightning.LightningDataModule):
    """Loads the batches of a run, from the trainer's step on, and the validation images."""

    def __init__(
        self, recipe: Recipe, dataset: TrainingDataset, settings: Settings, validation_set: ValidationSet | None
    ) -> None:
        super().__init__()
        self.recipe, self.dataset, self.settings, self.validation_set = recipe, dataset, settings, validation_set

    def train_dataloader(self) -> DataLoader[Batch]:
        """Training batches from the trainer's step on, decoded by `settings.workers` processes."""
        assert self.trainer is not None
        trainer, workers = self.trainer, self.settings.workers
        return DataLoader(
            self.dataset,
            batch_sampler=BatchSampler(
                self.recipe, self.settings.steps, trainer.global_step, trainer.global_rank, trainer.world_size
            ),
            collate_fn=collate,
            num_workers=workers,
            pin_memory=torch.cuda.is_available(),
            persistent_workers=False,
            prefetch_factor=4 if workers else None,
        )

    def val_dataloader(self) -> DataLoader[tuple[Tensor, Tensor, str]]:
        """The validation set, whose items are batches; it may be empty."""
        return DataLoader(self.validation_set or [], batch_size=None)  # type: ignore[arg-type]
