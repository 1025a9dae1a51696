"""The Lightning module of every task, and the order of its training samples."""

from collections.abc import Iterator
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, Sampler

from pspm.tasks.encoders.places import encoder_path
from pspm.tasks.recipe import Recipe
from pspm.tasks.task import Task, TrainingSet


class TaskModule(lightning.LightningModule):
    """Trains a network by a recipe.

    steps: the planned length, which the learning rate follows. facts: what the checkpoint says of the run. workers:
    processes that read samples.
    """

    def __init__(
        self, task: Task, network: nn.Module, recipe: Recipe, pictures: TrainingSet, facts: dict[str, Any], workers: int
    ) -> None:
        super().__init__()
        self.save_hyperparameters(facts)
        self.task, self.network, self.recipe, self.pictures, self.workers = task, network, recipe, pictures, workers
        self.steps, self.seed = int(facts["steps"]), int(facts["seed"])
        self.encoder = encoder_path(str(facts["network"]))
        recipe.freeze(network, self.encoder)
        self.skipped = 0

    def train_dataloader(self) -> DataLoader[Any]:
        """The batches from the trainer's step on, which a resumed run was saved at."""
        return DataLoader(
            Samples(self.pictures, self.seed),
            batch_sampler=Steps(self.recipe.batch, self.steps, self.trainer.global_step),
            collate_fn=self.task.collate,
            num_workers=self.workers,
            pin_memory=torch.cuda.is_available(),
        )

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Make the recipe's optimizer and its schedule."""
        optimizer = self.recipe.optimizer_of(self.network, self.encoder)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: self.recipe.lr_factor(step, self.steps))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        """Seed the random numbers by seed and step, so that a resumed run draws what it would have drawn."""
        torch.manual_seed((self.seed << 32) + self.global_step)
        self.recipe.start_training(self.network, self.encoder)

    def training_step(self, batch: Any, batch_idx: int) -> Tensor:
        """Compute the loss of a batch."""
        loss = self.task.loss(self.network, batch, self.recipe)
        self.log("loss", loss.detach(), prog_bar=True, batch_size=len(batch[0]))
        return loss

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Skip and count a step whose gradient is not finite: it would ruin the weights for good."""
        gradients = [p.grad for p in self.network.parameters() if p.grad is not None]
        if not torch.nn.utils.get_total_norm(gradients).isfinite():
            self.skipped += 1
            for parameter in self.network.parameters():
                parameter.grad = None


class Samples(Dataset[Any]):
    """The samples of a whole run, by their number in it: each epoch is another order of the training set."""

    def __init__(self, pictures: TrainingSet, seed: int) -> None:
        self.pictures, self.seed = pictures, seed

    def __getitem__(self, number: int) -> Any:
        epoch, place = divmod(number, len(self.pictures))
        order = np.random.default_rng((self.seed, 0, epoch)).permutation(len(self.pictures))
        return self.pictures.sample(int(order[place]), np.random.default_rng((self.seed, 1, number)))


class Steps(Sampler[list[int]]):
    """The numbers of the samples of each step from `start` on. Its length is that of the whole run."""

    def __init__(self, batch: int, steps: int, start: int) -> None:
        self.batch, self.steps, self.start = batch, steps, start

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[list[int]]:
        for step in range(self.start, self.steps):
            yield list(range(step * self.batch, (step + 1) * self.batch))
