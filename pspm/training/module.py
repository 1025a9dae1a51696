"""One step of training and one of validation, for every network and recipe."""

from typing import Any

import lightning
import torch
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn

from pspm.data.samples.augment import Picture, render
from pspm.data.samples.samples import Batch
from pspm.data.samples.strong_augment import render_strongly
from pspm.losses.matting import Target, matting_loss
from pspm.losses.unknown_region import training_trimap, training_unknown_region
from pspm.networks import build
from pspm.training.recipes import Recipe
from pspm.training.weights.imagenet import freeze_norms

# The unknown region's dilation, as a share of the crop: 8 pixels of 384.
RADIUS = 1 / 48


class MattingModule(lightning.LightningModule):
    """A network under a recipe; `steps` is the planned length, which the learning rate follows."""

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
        """The normalisations that take statistics of the batch at some step."""
        if all(phase.freeze_norms for phase in self.recipe.phases):
            return []
        resting = {layer for part in self.recipe.frozen for layer in part_of(self.network, part).modules()}
        return [layer for layer in self.network.modules() if isinstance(layer, nn.BatchNorm2d) and layer not in resting]

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """The encoder's parameters with their own learning rate, both following the recipe's curve."""
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
        """Put every part into the state that the step asks for; chance depends on seed, step and rank alone."""
        torch.manual_seed((self.seed << 32) + (self.global_step << 8) + self.global_rank)
        self.network.train()
        if self.recipe.phase(self.global_step, self.steps).freeze_norms:
            freeze_norms(self.network)
        for part in self.recipe.frozen:
            freeze_norms(part_of(self.network, part))

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """The loss of a batch."""
        radius = self.radius(batch)
        # In bf16 a picture would have fewer steps than its bytes had.
        with torch.autocast(self.device.type, enabled=False):
            picture = self.picture(batch, radius)
        image, trusted = picture.image * 2 - 1, picture.trusted
        matte = self.network(self.network_input(image, picture.alpha, radius))
        target = Target(image, picture.alpha, trusted, radius)
        with torch.autocast(self.device.type, enabled=False):
            terms = matting_loss(matte.alpha.float(), matte.trimap.float(), target, self.recipe.weights)
            loss = torch.stack(list(terms.values())).sum()
        self.log_dict({"loss": loss.detach(), **{key: value.detach() for key, value in terms.items()}})
        return loss

    def radius(self, batch: Batch) -> int | Tensor:
        """Of the dilation that makes the unknown region; drawn for each picture where the recipe says so."""
        if self.recipe.dilation is None:
            return round(batch.alpha.shape[3] * RADIUS)
        least, largest = self.recipe.dilation
        return batch.seed % (largest - least + 1) + least

    @torch.no_grad()
    def picture(self, batch: Batch, radius: int | Tensor) -> Picture:
        """The batch as the network sees it; strong augmentation relabels what no longer obeys the matting equation."""
        if not self.recipe.strong:
            return render(batch)
        picture, relabel = render_strongly(batch)
        if not relabel.any():
            return picture
        return picture._replace(
            alpha=torch.where(relabel[:, None, None, None], self.pseudo(picture, radius), picture.alpha)
        )

    def pseudo(self, picture: Picture, radius: int | Tensor) -> Tensor:
        """Sec. 5.4.2: what the weights of the last step say of the picture upside down, inside the unknown region."""
        states = {layer: layer.training for layer in self.network.modules()}
        turned = picture.alpha.rot90(2, (2, 3))
        image = picture.image.rot90(2, (2, 3)) * 2 - 1
        alpha = self.network.eval()(self.network_input(image, turned, radius)).alpha.float().rot90(2, (2, 3))
        for layer, training in states.items():
            layer.training = training
        return torch.where(training_unknown_region(picture.alpha, radius) > 0, alpha.clamp(0, 1), picture.alpha)

    def network_input(self, image: Tensor, alpha: Tensor, radius: int | Tensor) -> Tensor:
        """The image; for a network that takes a trimap also the true one, -1 background, 0 unknown, 1 foreground."""
        if not self.network.takes_trimap:
            return image
        trimap = training_trimap(alpha, training_unknown_region(alpha, radius))[:, None] - 1.0
        return self.network.given(image, trimap)

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """A step whose gradient is not finite is skipped, and counted: nothing it touched would ever recover."""
        gradients = [p.grad for p in self.network.parameters() if p.grad is not None]
        if not torch.nn.utils.get_total_norm(gradients).isfinite():
            self.skipped += 1
            for parameter in self.network.parameters():
                parameter.grad = None

    def validation_step(self, batch: tuple[Tensor, Tensor, str], batch_idx: int) -> None:
        """MAD and IoU of one picture, (1, 3, H, W) in [-1, 1] with its alpha, at the network's own size."""
        image, truth, name = batch
        radius = round(image.shape[3] * RADIUS)
        alpha = self.network(self.network_input(image, truth, radius)).alpha.float()
        mine, true = alpha > 0.5, truth > 0.5
        union = (mine | true).sum()
        iou = (mine & true).sum() / union if union else torch.ones((), device=self.device)
        errors = {f"{name}/MAD": (alpha - truth).abs().mean(), f"{name}/IoU": iou}
        self.log_dict(errors, batch_size=1, sync_dist=True, add_dataloader_idx=False)


def part_of(network: nn.Module, path: str) -> nn.Module:
    """A part by its dotted path; nothing to speak of where the network has none of that name."""
    for name in path.split("."):
        network = getattr(network, name, nn.Identity())
    return network


def in_encoder(key: str) -> bool:
    """Whether a parameter is an encoder's; a cascade has two of them."""
    return ".encoder." in f".{key}"
