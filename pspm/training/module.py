"""The Lightning module: training step, validation step and optimizer, for every network and recipe."""

from typing import Any

import lightning
import torch
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn

from pspm.data.samples.augment import Picture, render
from pspm.data.samples.batch import Batch
from pspm.data.samples.strong_augment import render_strongly
from pspm.losses.matting import Target, matting_loss
from pspm.losses.unknown_region import training_trimap, training_unknown_region
from pspm.networks import build
from pspm.networks.input_range import from_unit
from pspm.training.freeze_norms import freeze_norms
from pspm.training.recipes import Recipe

# Radius of the unknown region's dilation / crop: 8 pixels of 384.
RADIUS = 1 / 48


class MattingModule(lightning.LightningModule):
    """Trains a network by a recipe. steps: the planned length of the run, which the learning rate follows."""

    def __init__(self, name: str, recipe: Recipe, steps: int, seed: int) -> None:
        super().__init__()
        self.save_hyperparameters({"network": name, "steps": steps, "seed": seed})
        self.recipe, self.steps, self.seed = recipe, steps, seed
        self.network = build(name)
        self.skipped = 0
        for layer in self.network.modules():
            if isinstance(layer, nn.Dropout) and recipe.dropout is not None:
                layer.p = recipe.dropout
            if isinstance(layer, nn.BatchNorm2d):
                layer.momentum = recipe.norm_momentum
        for key, parameter in self.network.named_parameters():
            parameter.requires_grad_(not any(key.startswith(f"{part}.") for part in recipe.frozen))

    def learning_norms(self) -> list[nn.BatchNorm2d]:
        """List the batch norms that use batch statistics in any phase, that is, that are not always frozen."""
        if all(phase.freeze_norms for phase in self.recipe.phases):
            return []
        frozen = {layer for part in self.recipe.frozen for layer in part_of(self.network, part).modules()}
        return [layer for layer in self.network.modules() if isinstance(layer, nn.BatchNorm2d) and layer not in frozen]

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Make the optimizer, with a separate learning rate for the encoder; both follow the recipe's decay."""
        trained = [(key, p) for key, p in self.network.named_parameters() if p.requires_grad]
        groups: list[dict[str, Any]] = [
            {"params": [p for key, p in trained if not in_encoder(key)], "lr": self.recipe.lr},
            {"params": [p for key, p in trained if in_encoder(key)], "lr": self.recipe.encoder_lr},
        ]
        groups = [group for group in groups if group["params"]]
        optimizer: torch.optim.Optimizer
        if self.recipe.optimizer == "sgd":
            optimizer = torch.optim.SGD(groups, momentum=0.9, weight_decay=self.recipe.weight_decay)
        else:
            optimizer = torch.optim.AdamW(groups, weight_decay=self.recipe.weight_decay)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: self.recipe.lr_factor(step, self.steps))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        """Seed the random numbers by seed, step and rank, and freeze what the recipe freezes at this step."""
        torch.manual_seed((self.seed << 32) + (self.global_step << 8) + self.global_rank)
        self.network.train()
        if self.recipe.phase(self.global_step, self.steps).freeze_norms:
            freeze_norms(self.network)
        for part in self.recipe.frozen:
            freeze_norms(part_of(self.network, part))

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Compute the loss of a batch."""
        radius = self.radius(batch)
        # In float32: bf16 has fewer levels than the 8 bits of the images.
        with torch.autocast(self.device.type, enabled=False):
            picture = self.picture(batch, radius)
        image, trusted = from_unit(picture.image), picture.trusted
        matte = self.network(self.network_input(image, picture.alpha, radius))
        target = Target(image, picture.alpha, trusted, radius)
        with torch.autocast(self.device.type, enabled=False):
            terms = matting_loss(matte.alpha.float(), matte.trimap.float(), target, self.recipe.weights)
            loss = torch.stack(list(terms.values())).sum()
        self.log_dict({"loss": loss.detach(), **{key: value.detach() for key, value in terms.items()}})
        return loss

    def radius(self, batch: Batch) -> int | Tensor:
        """Radius of the unknown region's dilation, in pixels: one for all images, or a random one for each, (N,)."""
        if self.recipe.dilation is None:
            return round(batch.alpha.shape[3] * RADIUS)
        smallest, largest = self.recipe.dilation
        return batch.seed % (largest - smallest + 1) + smallest

    @torch.no_grad()
    def picture(self, batch: Batch, radius: int | Tensor) -> Picture:
        """Augment a batch. Relabels the samples whose strong augmentation broke the matting equation."""
        if not self.recipe.strong:
            return render(batch)
        picture, relabel = render_strongly(batch)
        if not relabel.any():
            return picture
        return picture._replace(
            alpha=torch.where(relabel[:, None, None, None], self.pseudo_labels(picture, radius), picture.alpha)
        )

    def pseudo_labels(self, picture: Picture, radius: int | Tensor) -> Tensor:
        """Predict alpha in the unknown region with the current weights, from the image upside down (sec. 5.4.2)."""
        states = {layer: layer.training for layer in self.network.modules()}
        rotated = picture.alpha.rot90(2, (2, 3))
        image = from_unit(picture.image.rot90(2, (2, 3)))
        alpha = self.network.eval()(self.network_input(image, rotated, radius)).alpha.float().rot90(2, (2, 3))
        for layer, training in states.items():
            layer.training = training
        return torch.where(training_unknown_region(picture.alpha, radius) > 0, alpha.clamp(0, 1), picture.alpha)

    def network_input(self, image: Tensor, alpha: Tensor, radius: int | Tensor) -> Tensor:
        """The network's input: the image, with the true trimap for a network that takes one.

        image: (N, 3, H, W) in [-1, 1]; alpha: the true one, (N, 1, H, W); radius of the trimap's unknown region.
        """
        if not self.network.takes_trimap:
            return self.network.given(image)
        trimap = training_trimap(alpha, training_unknown_region(alpha, radius))[:, None] - 1.0
        return self.network.given(image, trimap)

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Skip and count a step whose gradient is not finite: it would ruin the weights for good."""
        gradients = [p.grad for p in self.network.parameters() if p.grad is not None]
        if not torch.nn.utils.get_total_norm(gradients).isfinite():
            self.skipped += 1
            for parameter in self.network.parameters():
                parameter.grad = None

    def validation_step(self, batch: tuple[Tensor, Tensor, str], batch_idx: int) -> None:
        """Log MAD and IoU of an image, (1, 3, h, w) in [-1, 1], with its alpha, at the size of the network's view."""
        image, truth, name = batch
        radius = round(image.shape[3] * RADIUS)
        alpha = self.network(self.network_input(image, truth, radius)).alpha.float()
        predicted, true = alpha > 0.5, truth > 0.5
        union = (predicted | true).sum()
        iou = (predicted & true).sum() / union if union else torch.ones((), device=self.device)
        errors = {f"{name}/MAD": (alpha - truth).abs().mean(), f"{name}/IoU": iou}
        self.log_dict(errors, batch_size=1, sync_dist=True, add_dataloader_idx=False)


def part_of(network: nn.Module, path: str) -> nn.Module:
    """Find a part by its dotted path; an empty module if the network does not have it."""
    for name in path.split("."):
        network = getattr(network, name, nn.Identity())
    return network


def in_encoder(key: str) -> bool:
    """Whether a parameter, by its key, belongs to an encoder; a cascade has two of them."""
    return ".encoder." in f".{key}"
