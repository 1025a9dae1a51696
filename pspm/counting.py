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


def count(network: MattingNetwork, size: int = 224) -> Count:
    """Count a network on one image of size x size pixels, with a trimap if it takes one.

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
            network.eval()(network.given(torch.zeros(1, 3, size, size)))
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()
    return Count(sum(p.numel() for p in network.parameters()), macs)
