"""The three MatDecoders of thesis sec. 6.3.2: late interaction, feature fusion, attention guided.

Convolutions are 5x5 where their input was just max-unpooled, and so is sparse: a 3x3 kernel cannot see all of a 2x2
cell. `operators` and `features.pooled` are keyed by the encoder's stage. prior: M at 1/4, (N, 1, H/4, W/4).
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.networks.encoders.mobilenet import STAGE_CHANNELS
from pspm.networks.encoders.mobilenet_pooled import Features
from pspm.networks.layers.convolution import conv_bn
from pspm.operators import Operator


class Tail(nn.Module):
    """The part from 1/4 upwards that all three share: two upsamplings without skips, then the prediction.

    (N, 24, H/4, W/4) -> (N, 1, H, W), not clamped to [0, 1].
    """

    def __init__(self) -> None:
        super().__init__()
        self.d2 = nn.Sequential(conv_bn(24, 16, 5), conv_bn(16, 32, 5))
        self.d0 = conv_bn(32, 32, 5)
        self.prediction = nn.Conv2d(32, 1, 3, padding=1, bias=False)

    def forward(self, x: Tensor, features: Features, operators: Mapping[int, Operator]) -> Tensor:
        x = self.d2(operators[2].upsample(x, features.pooled[2].guidance))
        x = self.d0(operators[0].upsample(x, features.pooled[0].guidance))
        return self.prediction(x)


class LateInteraction(nn.Module):
    """B3: an independent decoder from 1/16; segmentation and matting interact only in the losses (Figure 6.3)."""

    def __init__(self, inputs: int = STAGE_CHANNELS[7]) -> None:
        super().__init__()
        self.d7 = nn.Sequential(conv_bn(inputs, 160), conv_bn(160, 96, 5))
        self.d5 = conv_bn(96 + STAGE_CHANNELS[5], 64, 5)
        self.d4 = conv_bn(64 + STAGE_CHANNELS[4], 32, 5)
        self.d3 = conv_bn(32 + STAGE_CHANNELS[3], 24, 5)
        self.tail = Tail()

    def deepest(self, features: Features, prior: Tensor) -> Tensor:
        """The feature at 1/16 that the decoder starts from. Late interaction ignores the prior."""
        return features.l[7]

    def forward(self, features: Features, prior: Tensor, operators: Mapping[int, Operator]) -> Tensor:
        def unpool(x: Tensor, stage: int) -> Tensor:
            pooled = features.pooled[stage]
            return torch.cat([operators[stage].upsample(x, pooled.guidance), pooled.skip], 1)

        x = self.d7(self.deepest(features, prior))
        x = self.d5(torch.cat([x, features.l[5]], 1))
        x = self.d4(unpool(x, 4))
        x = self.d3(unpool(x, 3))
        return self.tail(x, features, operators)


class FeatureFusion(LateInteraction):
    """B4: B3 with the prior M, convolved from 1/4 to 1/16 and concatenated (Figure 6.4)."""

    PRIOR_WIDTH = 64

    def __init__(self) -> None:
        width = self.PRIOR_WIDTH
        super().__init__(STAGE_CHANNELS[7] + width)
        self.prior = nn.Sequential(
            conv_bn(1, width, 5, stride=2), conv_bn(width, width, 5, stride=2), conv_bn(width, width, 5)
        )

    def deepest(self, features: Features, prior: Tensor) -> Tensor:
        return torch.cat([features.l[7], self.prior(prior)], 1)


class AttentionGuided(nn.Module):
    """B5: features at 1/16, 1/8 and 1/4 fused layer by layer, attended by the prior M at 1/4 (Figure 6.5).

    The figure does not show how M enters. We multiply by 1 + M: it has no parameters, as the printed counts require.
    """

    def __init__(self) -> None:
        super().__init__()
        self.f16 = conv_bn(STAGE_CHANNELS[7], 32)
        self.f8 = conv_bn(32 + STAGE_CHANNELS[4], 24)
        self.f4 = conv_bn(24 + STAGE_CHANNELS[2], 24, 5)
        self.tail = Tail()

    def forward(self, features: Features, prior: Tensor, operators: Mapping[int, Operator]) -> Tensor:
        x = F.interpolate(self.f16(features.l[7]), scale_factor=2, mode="bilinear")
        x = F.interpolate(self.f8(torch.cat([x, features.l[4]], 1)), scale_factor=2, mode="bilinear")
        x = self.f4(torch.cat([x, features.pooled[2].x], 1))
        return self.tail(x * (1 + prior), features, operators)
