"""Networks with random weights that tests can compare: seeded, and with batch norms that have seen pictures."""

from collections.abc import Callable, Iterable
from functools import lru_cache

import torch
from torch import Tensor, nn

from pspm.networks import MattingNetwork, build

Batches = Callable[[MattingNetwork], Iterable[Tensor]]


def random_image(n: int, height: int, width: int) -> Tensor:
    return torch.rand(n, 3, height, width, generator=torch.Generator().manual_seed(height)) * 2 - 1


def random_input(network: MattingNetwork, n: int, height: int, width: int) -> Tensor:
    """A random image, with a random trimap or previous matte if the network takes one."""
    image = random_image(n, height, width)
    return network.given(image, image[:, :1].mul(1.5).round(), image[:, 1:2].add(1).div(2))


def settle(name: str, batches: Batches, *, momentum: float | None = 1) -> MattingNetwork:
    """The network in eval mode, with random weights (seed 0) and batch norms that have the statistics of `batches`.

    momentum: of the batch norms; 1 keeps the statistics of the last batch, None the mean over all batches.
    """
    torch.manual_seed(0)
    network = build(name).train()
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = momentum
    with torch.no_grad():
        for batch in batches(network):
            network(batch)
    return network.eval()


def settle_within_the_clamp(name: str, batches: Batches) -> MattingNetwork:
    """The same with prediction weights that are positive and sum to 1, so that the clamp of alpha does not hide it."""

    def with_positive_predictions(network: MattingNetwork) -> Iterable[Tensor]:
        for layer in network.modules():
            if isinstance(layer, nn.Conv2d) and layer.out_channels == 1 and layer.weight.any():
                layer.weight.abs_().div_(layer.weight.sum())
        return batches(network)

    return settle(name, with_positive_predictions)


@lru_cache(maxsize=4)
def settled(name: str) -> MattingNetwork:
    """A network that has seen random images.

    They differ in brightness, because batch norms behind a global average would otherwise divide by almost zero.
    """
    brightness = torch.linspace(-0.5, 0.5, 4).view(4, 1, 1, 1)
    return settle_within_the_clamp(name, lambda network: [random_input(network, 4, 96, 96) + brightness])
