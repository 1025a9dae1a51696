"""The member of the family made for phones: shared encoder, light SegDecoder, attention-guided MatDecoder.

What costs time on a phone is resolution, so nothing but the pixels themselves is touched above 1/2: the photo enters
the MatDecoder folded to 1/2, and the alpha leaves it as four channels that unfold to 1/1.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.networks.base import MattingNetwork
from pspm.networks.encoders.mobilenet import STAGE_CHANNELS, MobileNetV2
from pspm.networks.layers.convolution import conv_bias, conv_bn
from pspm.networks.matte import Matte
from pspm.networks.trimap import TRIMAP_CLASSES, trimap_prior


class Fusion(nn.Module):
    """Double the resolution, add the skip, and convolve depthwise and pointwise: (N, width, h, w) to twice that."""

    def __init__(self, skip: int, width: int, outputs: int, kernel: int) -> None:
        super().__init__()
        self.skip = conv_bn(skip, width, activation=None)
        self.depthwise = conv_bn(width, width, kernel, groups=width, activation=None)
        self.pointwise = conv_bn(width, outputs, activation=nn.ReLU)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        x = F.interpolate(x, scale_factor=2, mode="bilinear") + self.skip(skip)
        return self.pointwise(self.depthwise(x.relu()))


class Context(nn.Module):
    """What the picture as a whole says at 1/32: a gate from its average, and two wide depthwise convolutions."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.local = conv_bn(inputs, width, activation=nn.ReLU)
        self.gate = nn.Conv2d(inputs, width, 1)
        self.wide = nn.ModuleList(
            nn.Sequential(
                conv_bn(width, width, 5, groups=width, activation=nn.ReLU), conv_bn(width, width, activation=None)
            )
            for _ in range(2)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.local(x) * self.gate(x.mean((2, 3), keepdim=True)).sigmoid()
        for convolve in self.wide:
            x = x + convolve(x)
        return x


class LightSegDecoder(nn.Module):
    """From 1/32 to 1/4: the feature that both branches share, (N, 32, H/4, W/4), and the trimap's logits."""

    WIDTH = 32

    def __init__(self) -> None:
        super().__init__()
        self.context = Context(STAGE_CHANNELS[6], 128)
        self.f16 = Fusion(STAGE_CHANNELS[5], 128, 96, 5)
        self.f8 = Fusion(STAGE_CHANNELS[3], 96, 48, 5)
        self.f4 = Fusion(STAGE_CHANNELS[2], 48, self.WIDTH, 5)
        self.head = nn.Conv2d(self.WIDTH, len(TRIMAP_CLASSES), 1)

    def forward(self, features: list[Tensor]) -> tuple[Tensor, Tensor]:
        x = self.context(features[6])
        x = self.f16(x, features[5])
        x = self.f8(x, features[3])
        x = self.f4(x, features[2])
        return x, self.head(x)


class LightMatDecoder(nn.Module):
    """The shared feature at 1/4, attended by the prior M, meets l1 and the pixels at 1/2 and unfolds to the alpha.

    attend: starts as the factor 1 + M of `AttentionGuided` in every channel; each channel then learns its own.
    """

    WIDTH = 32
    PIXELS = 16

    def __init__(self) -> None:
        super().__init__()
        self.attend = nn.Conv2d(1, LightSegDecoder.WIDTH, 1)
        for parameter in self.attend.parameters():
            nn.init.ones_(parameter)
        self.f2 = Fusion(STAGE_CHANNELS[1], LightSegDecoder.WIDTH, self.WIDTH, 3)
        self.pixels = nn.Sequential(
            nn.Conv2d(3, self.PIXELS, 4, stride=2, padding=1, bias=False), nn.BatchNorm2d(self.PIXELS), nn.ReLU()
        )
        both = self.WIDTH + self.PIXELS
        self.detail = nn.Sequential(
            conv_bn(both, both, 3, groups=both, activation=nn.ReLU), conv_bn(both, self.WIDTH, activation=nn.ReLU)
        )
        self.prediction = nn.Conv2d(self.WIDTH, 4, 3, padding=1)

    def forward(self, image: Tensor, x: Tensor, prior: Tensor, l1: Tensor) -> Tensor:
        x = self.f2(x * self.attend(prior), l1)
        x = self.detail(torch.cat([x, self.pixels(image)], 1))
        return F.pixel_shuffle(self.prediction(x), 2)


class Mobile(MattingNetwork):
    """RGB in [-1, 1], (N, 3, H, W) with sides that are multiples of `MULTIPLE`, to a `Matte`; its trimap is at 1/4."""

    MULTIPLE = 32
    # Chosen on training pictures: hair gains from more pixels, the region of a close-up loses (docs/model-card.md).
    VIEW_SIDE = 640

    def __init__(self) -> None:
        super().__init__()
        self.encoder = MobileNetV2(last=6, output_stride=32, conv=conv_bias)
        self.seg_decoder = LightSegDecoder()
        self.mat_decoder = LightMatDecoder()

    def forward(self, image: Tensor) -> Matte:
        features = self.encoder(image)
        x, trimap = self.seg_decoder(features)
        alpha = self.mat_decoder(image, x, trimap_prior(trimap), features[1])
        return Matte(alpha if self.training else alpha.clamp(0, 1), trimap)
