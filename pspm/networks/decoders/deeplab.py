"""The DeepLabV3+ SegDecoder: trimap logits from the encoder's features at 1/16 and 1/4."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.networks.encoders.mobilenet import STAGE_CHANNELS
from pspm.networks.layers.aspp import ASPP
from pspm.networks.layers.convolution import conv_bn
from pspm.networks.trimap import TRIMAP_CLASSES, Segmentation

WIDTH = 256
LOW_WIDTH = 48


class DeepLabDecoder(nn.Module):
    """The DeepLabV3+ head (thesis sec. 6.3.1).

    Takes the feature at 1/16, x, (N, 320, H/16, W/16), and the low-level feature at 1/4, low, (N, 24, H/4, W/4).
    """

    def __init__(self) -> None:
        super().__init__()
        self.aspp = ASPP(STAGE_CHANNELS[7], WIDTH, (6, 12, 18))
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
