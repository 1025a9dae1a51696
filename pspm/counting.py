"""Count parameters and multiply-adds as the thesis does."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from pspm.networks import MattingNetwork

GIGA = 2**30


class Count(NamedTuple):
    """parameters: all, batch norm included; macs: multiply-adds of convolutions and linear layers."""

    parameters: int
    macs: int

    @property
    def gflops(self) -> float:
        """The thesis's "GFLOPs": multiply-adds in units of 2^30, each counted once."""
        return self.macs / GIGA


def count(network: nn.Module, size: int = 224, channels: int = 3) -> Count:
    """Count a network on one image of size x size pixels, with a trimap if it takes one.

    channels: of the input of a network that is no `MattingNetwork`. A network on torch's "meta" device takes no memory.

    As in the thesis, multiply-adds do not include biases, normalisation, activation, pooling, interpolation, feature
    assembly, and the matrix products of attention, which have no weights.
    """
    macs = 0

    def add(layer: nn.Module, _: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal macs
        assert isinstance(layer.weight, Tensor)
        positions = output.shape[2:] if isinstance(layer, nn.Conv2d) else output.shape[1:-1]
        macs += layer.weight.numel() * positions.numel()

    hooks = [m.register_forward_hook(add) for m in network.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    training = network.training
    try:
        with torch.no_grad():
            network.eval()(_input(network, size, channels))
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()
    return Count(sum(p.numel() for p in network.parameters()), macs)


def _input(network: nn.Module, size: int, channels: int) -> Tensor:
    device = next(network.parameters()).device
    if isinstance(network, MattingNetwork):
        return network.given(torch.zeros(1, 3, size, size, device=device))
    return torch.zeros(1, channels, size, size, device=device)
