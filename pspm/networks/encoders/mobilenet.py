"""MobileNetV2 (Sandler et al., 2018) as trained on ImageNet. `mobilenet_pooled` has its variant with operators."""

from dataclasses import dataclass

from torch import Tensor, nn

from pspm.networks.layers.convolution import Convolution, conv_bn


@dataclass(frozen=True)
class Stage:
    """One row of MobileNetV2's table: expansion t, output channels c, and the dilation of each repeated block.

    `mobilenet_pooled` halves the resolution after a stage and not in its first block. Dilation gives the later blocks
    the receptive field that their ImageNet weights were trained with; it does not change parameters or multiply-adds
    (docs/networks.md has its effect). pools: a pooling operator follows the stage.

    `MobileNetV2` strides. It uses the dilations of the last two stages only, at output stride 16.
    """

    t: int
    c: int
    dilations: tuple[int, ...]
    pools: bool = False


STEM_CHANNELS = 32
STAGES = (
    Stage(1, 16, (1,)),
    Stage(6, 24, (1, 2), pools=True),
    Stage(6, 32, (1, 2, 2), pools=True),
    Stage(6, 64, (1, 2, 2, 2), pools=True),
    Stage(6, 96, (1, 1, 1)),
    Stage(6, 160, (1, 2, 2)),
    Stage(6, 320, (2,)),
)
STAGE_CHANNELS = (STEM_CHANNELS, *(stage.c for stage in STAGES))
LAST_STRIDE = 6


class InvertedResidual(nn.Module):
    """Expand by t, convolve depthwise, project linearly; add the input if it has the same shape."""

    def __init__(
        self, inputs: int, outputs: int, t: int, dilation: int, stride: int = 1, conv: Convolution = conv_bn
    ) -> None:
        super().__init__()
        hidden = inputs * t
        expand = [conv(inputs, hidden)] if t > 1 else []
        self.block = nn.Sequential(
            *expand,
            conv(hidden, hidden, 3, stride=stride, dilation=dilation, groups=hidden),
            conv(hidden, outputs, activation=None),
        )
        self.residual = inputs == outputs and stride == 1

    def forward(self, x: Tensor) -> Tensor:
        return x + self.block(x) if self.residual else self.block(x)


class MobileNetV2(nn.Module):
    """RGB in [-1, 1], (N, 3, H, W), to the features of stages l0..l`last`.

    l0 and l1 are at 1/2, l2 at 1/4, l3 at 1/8, l4 and l5 at 1/16, l6 and l7 at 1/`output_stride`.

    output_stride: 16 or 32. At 16, dilation replaces the stride of l6 (DeepLabV3+).
    conv: `conv_bn`, or `conv_bias` for weights with folded batch norms.
    channels: of the input, which may hold more than RGB.
    """

    def __init__(
        self, *, last: int = 7, output_stride: int = 16, conv: Convolution = conv_bn, channels: int = 3
    ) -> None:
        super().__init__()
        self.stages = nn.ModuleList([conv(channels, STEM_CHANNELS, 3, stride=2)])
        inputs = STEM_CHANNELS
        for i, stage in enumerate(STAGES[:last], 1):
            dilated = i >= LAST_STRIDE and output_stride == 16
            strides = i in (2, 3, 4, LAST_STRIDE) and not dilated
            blocks = []
            for block, dilation in enumerate(stage.dilations):
                stride = 2 if strides and block == 0 else 1
                blocks.append(InvertedResidual(inputs, stage.c, stage.t, dilation if dilated else 1, stride, conv))
                inputs = stage.c
            self.stages.append(nn.Sequential(*blocks))

    def forward(self, image: Tensor) -> list[Tensor]:
        x, features = image, []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features
