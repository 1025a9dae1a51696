"""IndexNet matting: a U-Net on MobileNetV2 (thesis sec. 3.6.1). With max pooling it is the baseline B11.

Without concatenation it is a SegNet: B5 to B10 of Table 3.3 are this network with other options.
"""

from dataclasses import replace
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.networks.encoders.mobilenet import STAGE_CHANNELS, STAGES
from pspm.networks.encoders.mobilenet_pooled import POOLED_STAGES, PooledMobileNetV2
from pspm.networks.layers.aspp import ASPP
from pspm.networks.layers.aspp import WIDTH as ASPP_WIDTH
from pspm.networks.layers.convolution import conv_bn
from pspm.operators import Maker, many_to_one

# Output stride 32: l6 pools too. No dilation: with it the printed GFLOPs would not be met.
UNDILATED = tuple(
    replace(stage, dilations=(1,) * len(stage.dilations), pools=stage.pools or i == 6)
    for i, stage in enumerate(STAGES, 1)
)


# How the decoder uses the encoder's features: not at all, added (as in ResNet), or concatenated (as in a U-Net).
Fusion = Literal["none", "add", "concatenate"]


class PadFirstResidual(nn.Module):
    """An inverted residual that pads before the expansion instead of in the depthwise convolution.

    The expansion then covers the padding too, which the printed GFLOPs include.
    """

    def __init__(self, inputs: int, outputs: int, t: int, dilation: int) -> None:
        super().__init__()
        hidden = inputs * t
        expand = [conv_bn(inputs, hidden)] if t > 1 else []
        depthwise = nn.Conv2d(hidden, hidden, 3, dilation=dilation, groups=hidden, bias=False)
        self.block = nn.Sequential(
            *expand,
            nn.Sequential(depthwise, nn.BatchNorm2d(hidden), nn.ReLU6(inplace=True)),
            conv_bn(hidden, outputs, activation=None),
        )
        self.padding = (dilation,) * 4
        self.residual = inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = self.block(F.pad(x, self.padding))
        return x + y if self.residual else y


class IndexNetMatting(nn.Module):
    """RGB and a trimap in [-1, 1], (N, channels, H, W), to alpha, (N, 1, H, W), clamped to [0, 1] in eval mode.

    H and W are multiples of `MULTIPLE`.

    channels: 4, or 6 if the trimap has one channel per class.
    operator: makes the pooling and upsampling operator of a level from its number of channels.
    fusion: of the encoder's features; the operators take theirs in any case.
    context: whether an ASPP is behind the encoder; otherwise a 1x1 convolution is.
    width: multiplier of every width, that of the ASPP and of the decoder too, rounded down.
    """

    MULTIPLE = 32
    WIDTHS = (32, 32, 16, 24, 32, 64, 96)  # of d0..d6

    def __init__(
        self,
        channels: int = 4,
        operator: Maker = many_to_one,
        *,
        fusion: Fusion = "concatenate",
        context: bool = True,
        width: float = 1,
    ) -> None:
        super().__init__()
        self.fusion = fusion
        stem, *encoder = (int(width * c) for c in STAGE_CHANNELS)
        skips, widths = (stem, *encoder[:6]), [int(width * c) for c in self.WIDTHS]
        self.encoder = PooledMobileNetV2(
            [operator(skips[stage]) for stage in (*POOLED_STAGES, 6)],
            channels=channels,
            stem=stem,
            stages=tuple(replace(stage, c=c) for stage, c in zip(UNDILATED, encoder, strict=True)),
            block=PadFirstResidual,
        )
        self.aspp = (
            ASPP(encoder[6], skips[6], (2, 4, 8), depthwise=True, activation=nn.ReLU6, width=int(width * ASPP_WIDTH))
            if context
            else conv_bn(encoder[6], skips[6])
        )
        # What the decoder upsamples has as many channels as the encoder's feature there.
        below = (*widths[1:], skips[6])
        inputs = [x + skip if fusion == "concatenate" else x for x, skip in zip(below, skips, strict=True)]
        self.d = nn.ModuleList(conv_bn(x, out, 5) for x, out in zip(inputs, widths, strict=True))
        self.prediction = nn.Sequential(conv_bn(widths[0], 1, 5), nn.Conv2d(1, 1, 5, padding=2, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        features = self.encoder(x)
        x = self.aspp(features.l[7])
        for stage in reversed(range(len(self.d))):
            skip = features.l[stage]
            if stage in features.pooled:
                pooled = features.pooled[stage]
                x, skip = self.encoder.operator(stage).upsample(x, pooled.guidance), pooled.skip
            x = self.d[stage](self.fused(x, skip))
        alpha: Tensor = self.prediction(x)
        return alpha if self.training else alpha.clamp(0, 1)

    def fused(self, x: Tensor, skip: Tensor) -> Tensor:
        """What the decoder has and what the encoder had at one resolution, as one feature."""
        match self.fusion:
            case "concatenate":
                return torch.cat([x, skip], 1)
            case "add":
                return x + skip
            case "none":
                return x
