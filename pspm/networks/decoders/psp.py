"""The PSPNet SegDecoders (thesis sec. 6.5.6, Table 6.7): trimap logits from pyramid pooling."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.networks.decoders.deeplab import LOW_WIDTH
from pspm.networks.encoders.mobilenet import STAGE_CHANNELS
from pspm.networks.layers.convolution import conv_bn
from pspm.networks.trimap import TRIMAP_CLASSES, Segmentation
from pspm.operators.grid import grid_means, interpolate_grid

WIDTH = 256


class PyramidPooling(nn.Module):
    """Averages over grids of 1, 2, 3 and 6 cells a side, concatenated with the feature and fused to 256 channels."""

    BINS = (1, 2, 3, 6)

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.levels = nn.ModuleList(conv_bn(inputs, WIDTH, activation=nn.ReLU) for _ in self.BINS)
        self.fuse = conv_bn(inputs + WIDTH * len(self.BINS), WIDTH, 3, activation=nn.ReLU)

    def forward(self, x: Tensor) -> Tensor:
        def pooled(level: nn.Module, cells: int) -> Tensor:
            return interpolate_grid(level(grid_means(x, cells)), x)

        return self.fuse(torch.cat([x, *map(pooled, self.levels, self.BINS)], 1))


class PSPDecoder(nn.Module):
    """The head of PSPNet B and B1: it classifies at 1/16, (N, 320, H/16, W/16), and ignores the low-level feature."""

    def __init__(self) -> None:
        super().__init__()
        self.pyramid = PyramidPooling(STAGE_CHANNELS[7])
        self.head = nn.Conv2d(WIDTH, len(TRIMAP_CLASSES), 1)

    def forward(self, x: Tensor, low: Tensor) -> Segmentation:
        logits = self.head(self.pyramid(x))
        quarter, full = (F.interpolate(logits, scale_factor=scale, mode="bilinear") for scale in (4, 16))
        return Segmentation(quarter, full)


class PSPLowDecoder(nn.Module):
    """The head of PSPNet B5: it classifies at 1/4, together with the low-level feature, (N, 24, H/4, W/4)."""

    def __init__(self) -> None:
        super().__init__()
        self.pyramid = PyramidPooling(STAGE_CHANNELS[7])
        self.low = conv_bn(STAGE_CHANNELS[2], LOW_WIDTH, activation=nn.ReLU)
        self.head = nn.Conv2d(WIDTH + LOW_WIDTH, len(TRIMAP_CLASSES), 1)

    def forward(self, x: Tensor, low: Tensor) -> Segmentation:
        x = F.interpolate(self.pyramid(x), scale_factor=4, mode="bilinear")
        quarter = self.head(torch.cat([x, self.low(low)], 1))
        return Segmentation(quarter, F.interpolate(quarter, scale_factor=4, mode="bilinear"))
