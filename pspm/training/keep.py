"""When a run is saved."""

from pathlib import Path
from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback

from pspm.data.samples import Batch

CHECKPOINT = "checkpoint.ckpt"


class Keep(Callback):
    """Save every `every` steps, at the last step, and when something (a time budget) ends the run early.

    One file, written under another name and renamed. It stands behind the moving average in the list of callbacks, so
    that the average is the step's own.
    """

    def __init__(self, out: Path, every: int) -> None:
        self.path, self.every = out / CHECKPOINT, every

    def on_train_batch_end(
        self, trainer: lightning.Trainer, module: lightning.LightningModule, outputs: Any, batch: Batch, index: int
    ) -> None:
        """Save, if it is time."""
        step = trainer.global_step
        if step % self.every == 0 or trainer.should_stop or step == trainer.max_steps:
            trainer.save_checkpoint(self.path)
