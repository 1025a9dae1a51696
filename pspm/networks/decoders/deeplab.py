"""The DeepLabV3+ SegDecoder: trimap logits from the encoder's last feature and its quarter-resolution one."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.networks.encoders.mobilenet_pooled import STAGE_CHANNELS
from pspm.networks.layers.convolution import conv_bn

TRIMAP_CLASSES = ("background", "unknown", "foreground")
WIDTH = 256
LOW_WIDTH = 48


class ASPP(nn.Module):
    """Atrous spatial pyramid pooling: 1x1, three dilated 3x3 and the global average, fused to 256 channels."""

    def __init__(self, inputs: int, dilations: tuple[int, ...] = (6, 12, 18)) -> None:
        super().__init__()
        self.local = conv_bn(inputs, WIDTH, activation=nn.ReLU)
        self.atrous = nn.ModuleList(conv_bn(inputs, WIDTH, 3, dilation=d, activation=nn.ReLU) for d in dilations)
        self.image = conv_bn(inputs, WIDTH, activation=nn.ReLU)
        self.fuse = conv_bn(WIDTH * (2 + len(dilations)), WIDTH, activation=nn.ReLU)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:
        pooled = self.image(x.mean((2, 3), keepdim=True))
        branches = [self.local(x), *(branch(x) for branch in self.atrous), pooled.expand(-1, -1, *x.shape[2:])]
        return self.dropout(self.fuse(torch.cat(branches, 1)))


class Segmentation(NamedTuple):
    """quarter: trimap logits at 1/4, (N, 3, H/4, W/4); full: the same brought to the image's size, (N, 3, H, W)."""

    quarter: Tensor
    full: Tensor


class SegDecoder(nn.Module):
    """DeepLabV3+ head (thesis sec. 6.3.1).

    Takes x at 1/16, (N, 320, H/16, W/16), and the low-level feature at 1/4, (N, 24, H/4, W/4); class order is
    `TRIMAP_CLASSES`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.aspp = ASPP(STAGE_CHANNELS[7])
        self.low = conv_bn(STAGE_CHANNELS[2], LOW_WIDTH, activation=nn.ReLU)
        self.head = nn.Sequential(
            conv_bn(WIDTH + LOW_WIDTH, WIDTH, 3, activation=nn.ReLU),
            nn.Dropout(0.5),
            conv_bn(WIDTH, WIDTH, 3, activation=nn.ReLU),
            nn.Dropout(0.1),
            nn.Conv2d(WIDTH, len(TRIMAP_CLASSES), 1),
        )

    def forward(self, x: Tensor, low: Tensor) -> Segmentation:
        x = F.interpolate(self.aspp(x), scale_factor=4, mode="bilinear")
        quarter = self.head(torch.cat([x, self.low(low)], 1))
        return Segmentation(quarter, F.interpolate(quarter, scale_factor=4, mode="bilinear"))


def trimap_prior(logits: Tensor) -> Tensor:
    """M = F + U/2 (eq. 6.1) of trimap logits, (N, 3, H, W) -> (N, 1, H, W) in [0, 1]."""
    _, unknown, foreground = logits.softmax(1).split(1, 1)
    return foreground + unknown / 2
