"""When a run is saved."""

import sys
from pathlib import Path
from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback

from pspm.data.samples.samples import Batch

CHECKPOINT = "checkpoint.ckpt"


class Keep(Callback):
    """Save every `every` steps, at the last step, and when something (a time budget) ends the run early.

    One file, written under another name and renamed. It stands behind the moving average in the list of callbacks, so
    that the average is the step's own.
    """

    def __init__(self, out: Path, every: int) -> None:
        self.path, self.every, self.saved = out / CHECKPOINT, every, 0

    def on_train_start(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        """A resumed run stands where it was saved."""
        self.saved = trainer.global_step

    def on_train_batch_end(
        self, trainer: lightning.Trainer, module: lightning.LightningModule, outputs: Any, batch: Batch, index: int
    ) -> None:
        """Save, if it is time."""
        step = trainer.global_step
        if step % self.every == 0 or trainer.should_stop or step == trainer.max_steps:
            trainer.save_checkpoint(self.path)
            self.saved = step

    def on_exception(
        self, trainer: lightning.Trainer, module: lightning.LightningModule, exception: BaseException
    ) -> None:
        """Ctrl-C: say what is kept. Nothing is saved here, in the middle of a step."""
        if isinstance(exception, KeyboardInterrupt):
            print(
                f"\nstopped at step {trainer.global_step}; the same command goes on from step {self.saved}",
                file=sys.stderr,
            )
