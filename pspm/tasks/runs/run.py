"""Train one network with one operator and one seed, from its last checkpoint if there is one."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import TQDMProgressBar
from torch import Tensor, nn

from pspm.accelerator import device_of
from pspm.tasks.checkpoint import WEIGHTS, load_weights, save_weights
from pspm.tasks.recipe import Recipe
from pspm.tasks.runs.module import TaskModule
from pspm.tasks.runs.settle_norms import settle_norms
from pspm.tasks.task import Made, Pictures, Task
from pspm.training.callbacks.checkpoint import CHECKPOINT, SaveCheckpoint
from pspm.training.callbacks.run_log import RunLog
from pspm.training.loop import new_trainer, run_loop


@dataclass(frozen=True)
class Run:
    """One run. recipe: its name. out: the folder of its checkpoint and its log of losses."""

    made: Made
    recipe: str
    steps: int
    seed: int
    out: Path

    def facts(self, task: Task) -> dict[str, Any]:
        """What the checkpoint says of the run."""
        return {"task": task.name, **self.made._asdict(), "recipe": self.recipe, "steps": self.steps, "seed": self.seed}


@dataclass(frozen=True)
class Machine:
    """How runs are computed, which does not change their results. save_every: steps between checkpoints."""

    accelerator: str = "auto"
    workers: int = 0
    save_every: int = 100

    @property
    def device(self) -> torch.device:
        """Where networks are measured. Raises ValueError for an accelerator that is not here."""
        return device_of(self.accelerator)


def train(
    task: Task,
    recipe: Recipe,
    pictures: Pictures,
    run: Run,
    machine: Machine,
    start: Mapping[str, Tensor] | None = None,
) -> nn.Module:
    """Train and return the network in eval mode. Its folder then holds the weights, without the optimizer's state.

    start: weights of the encoder, by their names in the network; the others start at random. A run that is complete is
    read. Raises ValueError for an operator that has no place in the network.
    """
    assert pictures.train is not None
    torch.manual_seed(run.seed)
    network, facts = task.build(run.made), run.facts(task)
    weights, checkpoint = run.out / WEIGHTS, run.out / CHECKPOINT
    if weights.exists():
        load_weights(weights, network)
        return network.eval()
    if start:
        network.load_state_dict(start, strict=False)
    run.out.mkdir(parents=True, exist_ok=True)
    module = TaskModule(task, network, recipe, pictures.train, facts, machine.workers)
    run_loop(trainer_of(recipe, run, machine), module, checkpoint if checkpoint.exists() else None)
    network = network.cpu()
    settle_norms(module)
    network.eval()
    save_weights(weights, network, facts)
    checkpoint.unlink(missing_ok=True)
    return network


def trainer_of(recipe: Recipe, run: Run, machine: Machine) -> lightning.Trainer:
    """Make Lightning's trainer. It raises the exceptions of a step and keeps the checkpoint of `save_every` before."""
    return new_trainer(
        accelerator=machine.accelerator,
        devices=1,
        max_steps=run.steps,
        gradient_clip_val=recipe.clip or None,
        limit_val_batches=0,
        enable_progress_bar=sys.stderr.isatty(),
        logger=False,
        callbacks=[
            *([TQDMProgressBar(refresh_rate=10)] if sys.stderr.isatty() else []),
            RunLog(run.out),
            SaveCheckpoint(run.out, machine.save_every),
        ],
    )
