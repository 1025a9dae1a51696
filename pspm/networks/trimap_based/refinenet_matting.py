"""RefineNet for matting: B2 of thesis Table 3.3, on MobileNetV2 at output stride 32.

The table prints no counts. This is the light-weight form for MobileNetV2 (Nekrasov et al., 2018): convolutions are 1x1,
and chained residual pooling has four steps. Batch norm and ReLU6 follow them, and the prediction is 5x5, as in chapter
3's other networks.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from pspm.networks.encoders.mobilenet import STAGE_CHANNELS, MobileNetV2
from pspm.networks.layers.convolution import conv_bn

WIDTH = 256
STEPS = 4
# The stages that are fused at 1/32, 1/16, 1/8 and 1/4.
FUSED = ((7, 6), (5, 4), (3,), (2,))


class ChainedResidualPooling(nn.Module):
    """CRP: 5x5 max pooling at stride 1 and a 1x1 convolution, again and again; the sum of all, (N, C, H, W)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.steps = nn.ModuleList(
            nn.Sequential(nn.MaxPool2d(5, stride=1, padding=2), conv_bn(channels, channels)) for _ in range(STEPS)
        )

    def forward(self, x: Tensor) -> Tensor:
        total = x
        for step in self.steps:
            x = step(x)
            total = total + x
        return total


class RefineNetMatting(nn.Module):
    """RGB and a trimap in [-1, 1], (N, 4, H, W), to alpha, (N, 1, H, W), clamped to [0, 1] in eval mode.

    H and W are multiples of `MULTIPLE`. Alpha is predicted at 1/4 and interpolated.
    """

    MULTIPLE = 32

    def __init__(self) -> None:
        super().__init__()
        self.encoder = MobileNetV2(output_stride=32, channels=4)
        # By the stage that they widen.
        self.widen = nn.ModuleDict(
            {str(stage): conv_bn(STAGE_CHANNELS[stage], WIDTH) for stages in FUSED for stage in stages}
        )
        self.pool = nn.ModuleList(ChainedResidualPooling(WIDTH) for _ in FUSED)
        self.adapt = nn.ModuleList(conv_bn(WIDTH, WIDTH) for _ in FUSED[1:])
        self.activation = nn.ReLU6()
        self.prediction = nn.Sequential(conv_bn(WIDTH, 1, 5), nn.Conv2d(1, 1, 5, padding=2, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        features = self.encoder(x)
        d = None
        for level, stages in enumerate(FUSED):
            fused = sum(self.widen[str(stage)](features[stage]) for stage in stages)
            if d is not None:
                fused = fused + F.interpolate(self.adapt[level - 1](d), scale_factor=2, mode="bilinear")
            d = self.pool[level](self.activation(fused))
        alpha = F.interpolate(self.prediction(d), scale_factor=4, mode="bilinear")
        return alpha if self.training else alpha.clamp(0, 1)
