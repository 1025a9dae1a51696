"""The log of a run, log.jsonl: losses, validation errors and speed."""

import json
import time
from pathlib import Path
from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback

from pspm.data.samples.batch import Batch

LOG = "log.jsonl"
# Number of steps that the speed is averaged over.
WINDOW = 50


class RunLog(Callback):
    """Writes a line per step to log.jsonl: the losses, images per second, and the share of time spent on loading data.

    A resumed run first removes the lines of the steps that it will repeat. On a GPU the share of loading is an upper
    bound, because the device may still be busy with the previous step.
    """

    def __init__(self, out: Path) -> None:
        self.path = out / LOG
        self.ended = self.started = 0.0
        self.times: list[tuple[float, float, int]] = []

    def on_train_start(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        """Keep only the lines of the steps up to the checkpoint."""
        if trainer.is_global_zero:
            lines = self.path.read_text().splitlines() if self.path.exists() else []
            kept = [line for line in lines if line.endswith("}") and json.loads(line)["step"] <= trainer.global_step]
            self.path.write_text("".join(f"{line}\n" for line in kept))
        self.ended = time.perf_counter()

    def on_train_batch_start(
        self, trainer: lightning.Trainer, module: lightning.LightningModule, batch: Batch, index: int
    ) -> None:
        """Note when the batch was loaded."""
        self.started = time.perf_counter()

    def on_train_batch_end(
        self, trainer: lightning.Trainer, module: lightning.LightningModule, outputs: Any, batch: Batch, index: int
    ) -> None:
        """Write the line of the step."""
        now = time.perf_counter()
        self.times = [
            *self.times[1 - WINDOW :],
            (self.started - self.ended, now - self.ended, len(batch[0]) * trainer.world_size),
        ]
        waited, taken, pictures = (sum(column) for column in zip(*self.times, strict=True))
        speed = {"pictures_per_s": pictures / taken, "waiting": waited / taken}
        module.log_dict({k: float(v) for k, v in speed.items()}, prog_bar=True)
        if trainer.is_global_zero:
            losses = {k: float(v) for k, v in trainer.logged_metrics.items() if k == "loss" or k.startswith("l_")}
            line = {"step": trainer.global_step, **losses, **{k: round(v, 4) for k, v in speed.items()}}
            with self.path.open("a") as file:
                file.write(json.dumps(line) + "\n")
        self.ended = time.perf_counter()

    def on_validation_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        """Write the line of the validation; its time does not count as loading."""
        errors = {k: float(v) for k, v in trainer.callback_metrics.items() if "/" in k}
        if trainer.is_global_zero and errors and not trainer.sanity_checking:
            with self.path.open("a") as file:
                file.write(json.dumps({"step": trainer.global_step, "validation": errors}) + "\n")
        self.ended = time.perf_counter()
