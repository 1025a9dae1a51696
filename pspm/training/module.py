"""The Lightning module: training step, validation step and optimizer, for every network and recipe."""

from typing import Any

import lightning
import torch
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn

from pspm.data.samples.augment import Picture, render
from pspm.data.samples.batch import Batch
from pspm.data.samples.random_trimap import random_trimaps
from pspm.data.samples.strong_augment import StrongPicture, render_strongly
from pspm.losses.matting import Target, matting_loss
from pspm.losses.unknown_region import training_trimap, training_unknown_region
from pspm.networks import build
from pspm.networks.input_range import from_unit
from pspm.training.freeze_norms import freeze_norms, frozen_norms, in_encoder
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
        always = set.intersection(
            *(set(frozen_norms(self.network, phase.freeze_norms)) for phase in self.recipe.phases)
        )
        always |= {norm for part in self.recipe.frozen for norm in frozen_norms(part_of(self.network, part))}
        return [norm for norm in frozen_norms(self.network) if norm not in always]

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
        freeze_norms(self.network, self.recipe.phase(self.global_step, self.steps).freeze_norms)
        for part in self.recipe.frozen:
            freeze_norms(part_of(self.network, part))

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Compute the loss of a batch."""
        radius = self.radius(batch)
        # In float32: bf16 has fewer levels than the 8 bits of the images.
        with torch.autocast(self.device.type, enabled=False):
            picture = self.picture(batch, radius)
        image, trusted = from_unit(picture.image), picture.trusted
        recipe, unknown = self.recipe, None
        if recipe.trimaps == "varied":
            trimap = random_trimaps(picture.alpha, batch.seed)
            unknown, given = (trimap == 0).float(), self.network.given(image, trimap)
        else:
            given = self.network_input(image, picture.alpha, radius)
        matte = self.network(given)
        target = Target(image, picture.alpha, trusted, radius, picture.foreground, picture.background, unknown)
        with torch.autocast(self.device.type, enabled=False):
            alpha, logits = matte.alpha.float(), matte.trimap.float()
            terms = matting_loss(alpha, logits, target, recipe.weights, recipe.region, recipe.tolerance)
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
        """Augment a batch. Relabels the samples whose strong augmentation broke the matting equation.

        The picture has its foreground and background only if the loss needs them: they take twice the image's memory.
        """
        recipe, keep_layers = self.recipe, self.recipe.weights.composition > 0
        if not recipe.strong:
            return render(batch, recipe.colours, recipe.effects, keep_layers=keep_layers)
        strong = render_strongly(batch, recipe.strong_shares, recipe.colours, recipe.effects, keep_layers=keep_layers)
        picture = strong.picture
        if not strong.relabel.any():
            return picture
        labels = self.pseudo_labels(strong, radius)
        return picture._replace(alpha=torch.where(strong.relabel[:, None, None, None], labels, picture.alpha))

    def pseudo_labels(self, strong: StrongPicture, radius: int | Tensor) -> Tensor:
        """Predict alpha in the unknown region with the current weights (sec. 5.4.2).

        The network sees each picture upside down, or with its colour channels shuffled.
        """
        states = {layer: layer.training for layer in self.network.modules()}
        image, alpha = strong.picture.image, strong.picture.alpha
        shuffled = strong.shuffle[:, None, None, None]

        def turned(x: Tensor) -> Tensor:
            return torch.where(shuffled, x, x.rot90(2, (2, 3)))

        changed = torch.where(shuffled, image.roll(1, 1), turned(image))
        matte = self.network.eval()(self.network_input(from_unit(changed), turned(alpha), radius))
        for layer, training in states.items():
            layer.training = training
        unknown = training_unknown_region(alpha, radius, self.recipe.tolerance)
        return torch.where(unknown > 0, turned(matte.alpha.float()).clamp(0, 1), alpha)

    def network_input(self, image: Tensor, alpha: Tensor, radius: int | Tensor) -> Tensor:
        """The network's input: the image, with the true trimap for a network that takes one.

        image: (N, 3, H, W) in [-1, 1]; alpha: the true one, (N, 1, H, W); radius of the trimap's unknown region.
        """
        if not self.network.takes_trimap:
            return self.network.given(image)
        unknown = training_unknown_region(alpha, radius, self.recipe.tolerance)
        trimap = training_trimap(alpha, unknown)[:, None] - 1.0
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
