"""VGG-16 with batch norm and pooling operators, up to its first fully connected layer (Deep Image Matting)."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from pspm.networks.layers.vgg import stage
from pspm.operators import Operator

# Channels of the stages, which are also those of the operators behind them.
VGG_CHANNELS = (64, 128, 256, 512, 512)
# Convolutions in the stages.
VGG_DEPTHS = (2, 2, 3, 3, 3)
CONTEXT_CHANNELS = 4096


class PooledVGG16(nn.Module):
    """Five stages with an operator's pooling behind each, and the first fully connected layer as a 7x7 convolution.

    Takes RGB in [-1, 1], (N, channels, H, W) with sides that are multiples of 32; its ImageNet weights expect this
    range. Returns the feature at 1/32, (N, 4096, H/32, W/32), and the guidance of each operator, from 1/1 on.

    operators: one for each stage. channels: 3, or more if the input has a trimap.
    """

    def __init__(self, operators: Sequence[Operator], *, channels: int = 3) -> None:
        super().__init__()
        self.operators = nn.ModuleList(operators)
        inputs = (channels, *VGG_CHANNELS[:-1])
        self.stages = nn.ModuleList(
            stage(before, *[width] * depth)
            for before, width, depth in zip(inputs, VGG_CHANNELS, VGG_DEPTHS, strict=True)
        )
        self.context = nn.Sequential(nn.Conv2d(VGG_CHANNELS[-1], CONTEXT_CHANNELS, 7, padding=3), nn.ReLU(inplace=True))

    def forward(self, image: Tensor) -> tuple[Tensor, list[Any]]:
        x, guidance = image, []
        for level, encode in enumerate(self.stages):
            pooled = self.operator(level).pool(encode(x))
            guidance.append(pooled.guidance)
            x = pooled.x
        return self.context(x), guidance

    def operator(self, level: int) -> Operator:
        """The operator between 1/2**level and half of it."""
        operator = self.operators[level]
        assert isinstance(operator, Operator)
        return operator
