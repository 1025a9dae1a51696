"""Preview images of a run, for TensorBoard."""

from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.loggers import TensorBoardLogger

from pspm.data.samples.batch import Batch
from pspm.networks.input_range import from_unit
from pspm.training.module import MattingModule

SHOWN = 4


class Previews(Callback):
    """Every `every` steps, logs image, true alpha and predicted alpha of the first samples of the batch, in rows."""

    def __init__(self, every: int) -> None:
        self.every = every

    @torch.no_grad()
    def on_train_batch_end(
        self, trainer: lightning.Trainer, module: lightning.LightningModule, outputs: Any, batch: Batch, index: int
    ) -> None:
        """Log the images if it is time."""
        if trainer.global_step % self.every or not isinstance(trainer.logger, TensorBoardLogger):
            return
        assert isinstance(module, MattingModule)
        shown = Batch(*(field[:SHOWN] for field in batch))
        radius = module.radius(shown)
        picture = module.picture(shown, radius)
        image = module.network_input(from_unit(picture.image), picture.alpha, radius)
        alpha = module.network.eval()(image).alpha.float().clamp(0, 1)
        rows = [picture.image, picture.alpha.expand_as(picture.image), alpha.expand_as(picture.image)]
        sheet = torch.cat([torch.cat(list(row), 2) for row in rows], 1)
        trainer.logger.experiment.add_image("image, truth, alpha", sheet, trainer.global_step)
