"""Convolution, batch norm and activation: the layers of every network."""

from typing import Protocol

import torch.nn.functional as F
from torch import Tensor, nn


class StridedConv2d(nn.Conv2d):
    """A 3x3 convolution of stride 2 for even sides, padded at the bottom and right only, as TensorFlow does.

    The ImageNet weights were trained with it. Symmetric padding would shift their features by half a cell per stride.
    """

    def __init__(self, inputs: int, outputs: int, *, groups: int, bias: bool) -> None:
        super().__init__(inputs, outputs, 3, 2, groups=groups, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, (0, 1, 0, 1)))


class Convolution(Protocol):
    """The signature of `conv_bn` and `conv_bias`."""

    def __call__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 1,
        *,
        stride: int = 1,
        dilation: int = 1,
        groups: int = 1,
        activation: type[nn.Module] | None = nn.ReLU6,
    ) -> nn.Sequential:
        """Make the layers."""


def conv_bn(
    inputs: int,
    outputs: int,
    kernel: int = 1,
    *,
    stride: int = 1,
    dilation: int = 1,
    groups: int = 1,
    activation: type[nn.Module] | None = nn.ReLU6,
) -> nn.Sequential:
    """Convolution without bias and with "same" padding, batch norm, and the activation unless it is None."""
    layers = [_conv(inputs, outputs, kernel, stride, dilation, groups, bias=False), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers, *_activate(activation))


def conv_bias(
    inputs: int,
    outputs: int,
    kernel: int = 1,
    *,
    stride: int = 1,
    dilation: int = 1,
    groups: int = 1,
    activation: type[nn.Module] | None = nn.ReLU6,
) -> nn.Sequential:
    """The same with a bias instead of the batch norm, for weights with folded batch norms."""
    return nn.Sequential(_conv(inputs, outputs, kernel, stride, dilation, groups, bias=True), *_activate(activation))


def _conv(inputs: int, outputs: int, kernel: int, stride: int, dilation: int, groups: int, *, bias: bool) -> nn.Conv2d:
    if stride == 2 and kernel == 3:
        return StridedConv2d(inputs, outputs, groups=groups, bias=bias)
    return nn.Conv2d(inputs, outputs, kernel, stride, dilation * (kernel // 2), dilation, groups, bias=bias)


def _activate(activation: type[nn.Module] | None) -> list[nn.Module]:
    return [] if activation is None else [activation(inplace=True)]
