"""Save the checkpoint of a run."""

import sys
from pathlib import Path
from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback

from pspm.data.samples.batch import Batch

CHECKPOINT = "checkpoint.ckpt"


class SaveCheckpoint(Callback):
    """Saves one checkpoint file every `every` steps, at the last step, and when a time budget ends the run early.

    Lightning writes it atomically. The callback comes after the moving average in the list of callbacks, so that the
    saved average includes the current step.
    """

    def __init__(self, out: Path, every: int) -> None:
        self.path, self.every, self.saved = out / CHECKPOINT, every, 0

    def on_train_start(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        """Note the step that a resumed run was saved at."""
        self.saved = trainer.global_step

    def on_train_batch_end(
        self, trainer: lightning.Trainer, module: lightning.LightningModule, outputs: Any, batch: Batch, index: int
    ) -> None:
        """Save if it is time."""
        step = trainer.global_step
        if step % self.every == 0 or trainer.should_stop or step == trainer.max_steps:
            trainer.save_checkpoint(self.path)
            self.saved = step

    def on_exception(
        self, trainer: lightning.Trainer, module: lightning.LightningModule, exception: BaseException
    ) -> None:
        """After Ctrl-C, print where the run will resume. Saves nothing, because the step is not complete."""
        if isinstance(exception, KeyboardInterrupt):
            print(
                f"\nstopped at step {trainer.global_step}; the same command resumes from step {self.saved}",
                file=sys.stderr,
            )
