"""The first eleven basic blocks of ResNet-34: the encoder of A2U matting (thesis sec. 4.6).

The thesis uses in-place activated batch norm; batch norm and leaky ReLU compute the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from pspm.networks.layers.convolution import conv_bn
from pspm.operators import Operator

WIDTHS = (64, 64, 128, 256)  # of l0..l3
DEPTHS = (3, 4, 4)


class BasicBlock(nn.Module):
    """Two 3x3 convolutions plus the identity, or its 1x1 projection if the shapes differ."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.LeakyReLU()
        )
        self.conv2 = conv_bn(outputs, outputs, 3, activation=None)
        same = inputs == outputs and stride == 1
        self.project = nn.Identity() if same else conv_bn(inputs, outputs, stride=stride, activation=None)

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(self.conv2(self.conv1(x)) + self.project(x))


@dataclass(frozen=True)
class Features:
    """The encoder's outputs.

    l: l0..l3, with `WIDTHS` channels, at 1/2, 1/4, 1/8 and 1/16.
    guidance: of the operators that halved the resolution, from 1/1 to 1/8; empty for strided convolutions.
    """

    l: tuple[Tensor, ...]  # noqa: E741 - the thesis's own symbol
    guidance: tuple[Any, ...] = ()


class ResNet34(nn.Module):
    """(N, channels, H, W), sides multiples of 16, to `Features`."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.stem = conv_bn(channels, WIDTHS[0], 7, stride=2, activation=nn.LeakyReLU)
        self.layers = nn.ModuleList(
            nn.Sequential(
                BasicBlock(inputs, outputs, stride), *(BasicBlock(outputs, outputs) for _ in range(depth - 1))
            )
            for inputs, outputs, depth, stride in zip(WIDTHS, WIDTHS[1:], DEPTHS, (1, 2, 2), strict=False)
        )

    def forward(self, x: Tensor) -> Features:
        l0 = self.stem(x)
        features, x = [l0], F.max_pool2d(l0, 2)
        for layer in self.layers:
            x = layer(x)
            features.append(x)
        return Features(tuple(features))


class PooledResNet34(nn.Module):
    """ResNet-34 with stride 1 throughout ("-d"): operators halve the resolution instead of strides and pooling.

    operators: behind the stem at 1/1, behind l0, and behind the first block of the second and the third layer.
    """

    def __init__(self, channels: int, operators: Sequence[Operator]) -> None:
        super().__init__()
        self.operators = nn.ModuleList(operators)
        self.stem = conv_bn(channels, WIDTHS[0], 7, activation=nn.LeakyReLU)
        self.heads = nn.ModuleList([nn.Identity(), BasicBlock(64, 128), BasicBlock(128, 256)])
        self.layers = nn.ModuleList(
            nn.Sequential(*(BasicBlock(width, width) for _ in range(depth)))
            for width, depth in zip(WIDTHS[1:], (DEPTHS[0], DEPTHS[1] - 1, DEPTHS[2] - 1), strict=True)
        )

    def forward(self, x: Tensor) -> Features:
        pooled = self.operator(0).pool(self.stem(x))
        features, guidance, x = [pooled.x], [pooled.guidance], pooled.x
        for level, (head, layer) in enumerate(zip(self.heads, self.layers, strict=True), 1):
            pooled = self.operator(level).pool(head(x))
            x = layer(pooled.x)
            features.append(x)
            guidance.append(pooled.guidance)
        return Features(tuple(features), tuple(guidance))

    def operator(self, level: int) -> Operator:
        """The operator that halves the resolution of level 0 (1/1), 1 (1/2), 2 (1/4) or 3 (1/8)."""
        operator = self.operators[level]
        assert isinstance(operator, Operator)
        return operator
