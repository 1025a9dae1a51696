"""The network for phones: shared encoder, light SegDecoder, attention-guided MatDecoder.

On a phone, high-resolution layers cost most of the latency, so no layer computes features at full resolution: a
strided convolution brings the photo to 1/2, and the alpha leaves the MatDecoder as four channels at 1/2 that a pixel
shuffle turns into one at 1/1.
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
    """Double the resolution of (N, width, h, w), add the skip, convolve depthwise, then pointwise to `outputs`."""

    def __init__(self, skip: int, width: int, outputs: int, kernel: int) -> None:
        super().__init__()
        self.skip = conv_bn(skip, width, activation=None)
        self.depthwise = conv_bn(width, width, kernel, groups=width, activation=None)
        self.pointwise = conv_bn(width, outputs, activation=nn.ReLU)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        x = F.interpolate(x, scale_factor=2, mode="bilinear") + self.skip(skip)
        return self.pointwise(self.depthwise(x.relu()))


class Context(nn.Module):
    """Global context at 1/32: a gate from the global average, then two residual 5x5 depthwise convolutions."""

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


class SharedDecoder(nn.Module):
    """From 1/32 to 1/4. Returns the feature that `Mobile`'s decoders share, (N, 32, H/4, W/4)."""

    WIDTH = 32

    def __init__(self, context: type[Context] = Context) -> None:
        super().__init__()
        self.context = context(STAGE_CHANNELS[6], 128)
        self.f16 = Fusion(STAGE_CHANNELS[5], 128, 96, 5)
        self.f8 = Fusion(STAGE_CHANNELS[3], 96, 48, 5)
        self.f4 = Fusion(STAGE_CHANNELS[2], 48, self.WIDTH, 5)

    def feature(self, features: list[Tensor]) -> Tensor:
        """The shared feature from those of the encoder's stages."""
        x: Tensor = self.context(features[6])
        x = self.f16(x, features[5])
        x = self.f8(x, features[3])
        shared: Tensor = self.f4(x, features[2])
        return shared


class LightSegDecoder(SharedDecoder):
    """Returns the shared feature and the trimap's logits, (N, 3, H/4, W/4)."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Conv2d(self.WIDTH, len(TRIMAP_CLASSES), 1)

    def forward(self, features: list[Tensor]) -> tuple[Tensor, Tensor]:
        x = self.feature(features)
        return x, self.head(x)


class LightMatDecoder(nn.Module):
    """Attend the shared feature at 1/4 by the prior M, fuse it with l1 and the pixels at 1/2, predict alpha at 1/1.

    attend: starts as the factor 1 + M of `AttentionGuided` in every channel; each channel then learns its own.
    inputs: channels of the picture, (N, inputs, H, W), which may hold more than RGB.
    """

    WIDTH = 32
    PIXELS = 16

    def __init__(self, inputs: int = 3) -> None:
        super().__init__()
        self.attend = nn.Conv2d(1, LightSegDecoder.WIDTH, 1)
        for parameter in self.attend.parameters():
            nn.init.ones_(parameter)
        self.f2 = Fusion(STAGE_CHANNELS[1], LightSegDecoder.WIDTH, self.WIDTH, 3)
        self.pixels = nn.Sequential(
            nn.Conv2d(inputs, self.PIXELS, 4, stride=2, padding=1, bias=False), nn.BatchNorm2d(self.PIXELS), nn.ReLU()
        )
        both = self.WIDTH + self.PIXELS
        self.detail = nn.Sequential(
            conv_bn(both, both, 3, groups=both, activation=nn.ReLU), conv_bn(both, self.WIDTH, activation=nn.ReLU)
        )
        self.prediction = nn.Conv2d(self.WIDTH, 4, 3, padding=1)

    def forward(self, image: Tensor, x: Tensor, prior: Tensor, l1: Tensor) -> Tensor:
        return self.predict(self.feature(image, x, prior, l1))

    def feature(self, image: Tensor, x: Tensor, prior: Tensor, l1: Tensor) -> Tensor:
        """The feature at 1/2, (N, 32, H/2, W/2)."""
        x = self.f2(x * self.attend(prior), l1)
        feature: Tensor = self.detail(torch.cat([x, self.pixels(image)], 1))
        return feature

    def predict(self, feature: Tensor) -> Tensor:
        """Alpha, (N, 1, H, W), from the feature at 1/2."""
        return F.pixel_shuffle(self.prediction(feature), 2)


class Mobile(MattingNetwork):
    """The default network. Takes RGB in [-1, 1], (N, 3, H, W); returns a `Matte` with its trimap at 1/4."""

    MULTIPLE = 32
    # Chosen on training pictures: more pixels help hair and hurt close-ups (docs/model-card.md).
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
