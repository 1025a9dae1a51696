"""The convolution, normalisation, activation triple that every part is made of."""

from typing import Protocol

import torch.nn.functional as F
from torch import Tensor, nn


class StridingConv2d(nn.Conv2d):
    """A 3x3 convolution of stride 2 that pads even sides below and to the right only, as TensorFlow does.

    The ImageNet weights were trained so; padding all round would shift their view by half a cell at every stride.
    """

    def __init__(self, inputs: int, outputs: int, *, groups: int, bias: bool) -> None:
        super().__init__(inputs, outputs, 3, 2, groups=groups, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, (0, 1, 0, 1)))


class Convolution(Protocol):
    """What `conv_bn` and `conv_bias` have in common."""

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
        """The layers in order."""


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
    """Convolution without bias and with "same" padding, batch normalisation, and the activation if there is one."""
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
    """The same with a bias instead of the normalisation: for weights into which it was folded."""
    return nn.Sequential(_conv(inputs, outputs, kernel, stride, dilation, groups, bias=True), *_activate(activation))


def _conv(inputs: int, outputs: int, kernel: int, stride: int, dilation: int, groups: int, *, bias: bool) -> nn.Conv2d:
    if stride == 2 and kernel == 3:
        return StridingConv2d(inputs, outputs, groups=groups, bias=bias)
    return nn.Conv2d(inputs, outputs, kernel, stride, dilation * (kernel // 2), dilation, groups, bias=bias)


def _activate(activation: type[nn.Module] | None) -> list[nn.Module]:
    return [] if activation is None else [activation(inplace=True)]
