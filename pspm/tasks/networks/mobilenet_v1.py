"""MobileNet (Howard et al., 2017) as the encoder of FastDepth, with strides or with an operator's pooling."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from torch import Tensor, nn

from pspm.operators import Operator


class Widths(NamedTuple):
    """Channels of FastDepth: of the stem and the 13 blocks, and of the five layers that decode."""

    encoder: tuple[int, ...]
    decoder: tuple[int, ...]


# Indices of the layers at whose end the resolution is 1/2, 1/4, ..., and of those whose output is a skip.
STRIDED = (0, 2, 4, 6, 12)
SKIPS = (1, 3, 5)


def depthwise_separable(
    inputs: int, outputs: int, kernel: int, stride: int = 1, activation: type[nn.Module] = nn.ReLU
) -> nn.Sequential:
    """A depthwise and a pointwise convolution, with batch norm and an activation behind each."""
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, kernel, stride, kernel // 2, groups=inputs, bias=False),
        nn.BatchNorm2d(inputs),
        activation(inplace=True),
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
        activation(inplace=True),
    )


class Features(NamedTuple):
    """x: at 1/32. skips: at 1/2, 1/4 and 1/8. guidance: of the operators at 1/1 to 1/16; None where a layer strides."""

    x: Tensor
    skips: tuple[Tensor, ...]
    guidance: tuple[Any, ...]


class MobileNetV1(nn.Module):
    """RGB, (N, 3, H, W) with sides that are multiples of 32, to `Features`.

    widths: channels of the stem and the blocks. operators: of the five levels.
    pools: they pool behind the layers that otherwise stride.
    """

    def __init__(self, widths: Sequence[int], operators: Sequence[Operator], *, pools: bool) -> None:
        super().__init__()
        self.operators, self.pools = nn.ModuleList(operators), pools
        strides = [2 if i in STRIDED and not pools else 1 for i in range(len(widths))]
        stem = nn.Sequential(
            nn.Conv2d(3, widths[0], 3, strides[0], padding=1, bias=False),
            nn.BatchNorm2d(widths[0]),
            nn.ReLU6(inplace=True),
        )
        blocks = zip(widths, widths[1:], strides[1:], strict=False)
        self.layers = nn.ModuleList(
            [stem, *(depthwise_separable(inputs, outputs, 3, stride, nn.ReLU6) for inputs, outputs, stride in blocks)]
        )

    def forward(self, x: Tensor) -> Features:
        skips: list[Tensor] = []
        guidance: list[Any] = []
        for i, layer in enumerate(self.layers):
            x = layer(x)
            if i in SKIPS:
                skips.append(x)
            if i in STRIDED and self.pools:
                pooled = self.operator(len(guidance)).pool(x)
                guidance.append(pooled.guidance)
                x = pooled.x
        return Features(x, tuple(skips), tuple(guidance) if self.pools else (None,) * len(STRIDED))

    def operator(self, level: int) -> Operator:
        """The operator between 1/2**level and half of it."""
        operator = self.operators[level]
        assert isinstance(operator, Operator)
        return operator
