"""Save the checkpoint of a run."""

from pathlib import Path
from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.utilities.exceptions import SIGTERMException

from pspm.data.samples.batch import Batch

CHECKPOINT = "checkpoint.ckpt"


class SaveCheckpoint(Callback):
    """Saves one checkpoint file every `every` steps, at the last step, and when a time budget or SIGTERM ends the run.

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
            self.save(trainer)

    def save(self, trainer: lightning.Trainer) -> None:
        """Save the checkpoint of the step that is complete."""
        trainer.save_checkpoint(self.path)
        self.saved = trainer.global_step

    def on_exception(
        self, trainer: lightning.Trainer, module: lightning.LightningModule, exception: BaseException
    ) -> None:
        """Save after SIGTERM, which Lightning answers when a step is complete, unless processes share a batch.

        They would have to save together. After Ctrl-C nothing is saved, because it comes in the middle of a step.
        """
        if isinstance(exception, SIGTERMException) and trainer.world_size == 1 and trainer.global_step > self.saved:
            self.save(trainer)
