"""How a network of a task is trained: optimizer, schedule, batch, crop and augmentation."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from torch import nn

from pspm.tasks.encoders.places import in_encoder


@dataclass(frozen=True)
class Recipe:
    """A recipe.

    source: the section or table it is printed in, or "ours". epochs: of the training set; a recipe with `steps` has
    none. height: that pictures are resized to first, in pixels, to train and to test; 0 for as they are. crop: (height,
    width) in pixels. falls: shares of the run at which the learning rate falls by 10. power: of a
    polynomial decay instead, down to `end` of the learning rate. warmup: steps in which the learning rate grows from
    0.001 of itself. scale: (smallest, largest) of the random scaling. rotation: largest angle in degrees.
    flip: whether pictures are mirrored at random. colours: whether gamma, brightness and colour balance vary. clip:
    largest norm of the gradient; 0 for any. loss: a name that the task knows. settled: samples behind the last one from
    which the batch norms take their statistics in the end; 0 to leave those of the training.

    Of an encoder with ImageNet weights: encoder_lr: its learning rate as a share of lr. frozen_norms: what its batch
    norms keep, their "statistics", or "all" with weight and bias. frozen: beginnings of the names, in the encoder, of
    other layers that are not trained.
    """

    source: str
    lr: float
    batch: int
    crop: tuple[int, int]
    epochs: int = 0
    steps: int = 0
    height: int = 0
    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    weight_decay: float = 0.0
    epsilon: float = 1e-8
    falls: tuple[float, ...] = ()
    power: float = 0.0
    end: float = 0.0
    warmup: int = 0
    encoder_lr: float = 1.0
    frozen_norms: Literal["none", "statistics", "all"] = "none"
    frozen: tuple[str, ...] = ()
    scale: tuple[float, float] = (1.0, 1.0)
    rotation: float = 0.0
    flip: bool = True
    colours: bool = False
    clip: float = 0.0
    loss: str = ""
    settled: int = 0

    def length(self, pictures: int) -> int:
        """The steps of a whole run over so many training samples."""
        return self.steps or max(1, self.epochs * pictures // self.batch)

    def lr_factor(self, step: int, steps: int) -> float:
        """The learning rate of a step as a share of the first one."""
        factor = 0.1 ** sum(step >= round(share * steps) for share in self.falls)
        if self.power:
            left = max(0.0, 1 - step / steps) ** self.power
            factor *= self.end + (1 - self.end) * left
        if step < self.warmup:
            factor *= 0.001 + 0.999 * step / self.warmup
        return factor

    def shortened(self, steps: int | None, batch: int | None) -> "Recipe":
        """The recipe with another length or batch. A warm-up takes at most a tenth of the steps."""
        if steps is not None:
            # A run of a few steps is a trial: it settles on as few samples.
            warmup, settled = min(self.warmup, steps // 10), min(self.settled, steps * self.batch)
            return replace(self, steps=steps, warmup=warmup, settled=settled).shortened(None, batch)
        return self if batch is None else replace(self, batch=batch)

    def from_scratch(self) -> "Recipe":
        """The recipe for an encoder that starts at random: all of it learns, as fast as the rest."""
        return replace(self, encoder_lr=1.0, frozen_norms="none", frozen=())

    def freeze(self, network: nn.Module, encoder: str | None) -> None:
        """Leave the parameters untrained that the recipe freezes. encoder: the name of its module; None without one."""
        fixed = tuple(f"{encoder}.{name}." for name in self.frozen)
        for key, parameter in network.named_parameters():
            if in_encoder(key, encoder) and key.startswith(fixed):
                parameter.requires_grad = False
        if self.frozen_norms == "all":
            for norm in encoder_norms(network, encoder):
                norm.requires_grad_(False)

    def start_training(self, network: nn.Module, encoder: str | None) -> None:
        """Put the network into training mode, but not the batch norms of the encoder that keep their statistics."""
        network.train()
        if self.frozen_norms != "none":
            for norm in encoder_norms(network, encoder):
                norm.eval()

    def optimizer_of(self, network: nn.Module, encoder: str | None) -> torch.optim.Optimizer:
        """The optimizer of a network's parameters, with two groups if the encoder learns at another rate."""
        named = [(key, p) for key, p in network.named_parameters() if p.requires_grad]
        groups: list[dict[str, Any]] = [
            {"params": [p for key, p in named if not in_encoder(key, encoder)], "lr": self.lr},
            {"params": [p for key, p in named if in_encoder(key, encoder)], "lr": self.lr * self.encoder_lr},
        ]
        groups = [group for group in groups if group["params"]]
        if self.optimizer == "sgd":
            return torch.optim.SGD(groups, momentum=0.9, weight_decay=self.weight_decay)
        made = torch.optim.AdamW if self.optimizer == "adamw" else torch.optim.Adam
        return made(groups, weight_decay=self.weight_decay, eps=self.epsilon)


def encoder_norms(network: nn.Module, encoder: str | None) -> list[nn.BatchNorm2d]:
    """The batch norms of the encoder."""
    return [m for key, m in network.named_modules() if isinstance(m, nn.BatchNorm2d) and in_encoder(key, encoder)]
