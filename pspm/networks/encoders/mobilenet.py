"""MobileNetV2 as it was trained on ImageNet: it strides where `pspm.networks.encoders.mobilenet_pooled` pools."""

from torch import Tensor, nn

from pspm.networks.encoders.mobilenet_pooled import STAGES, STEM_CHANNELS, InvertedResidual
from pspm.networks.layers.convolution import Convolution, conv_bn

LAST_STRIDE = 6


class StridingMobileNetV2(nn.Module):
    """Takes an RGB image in [-1, 1], (N, 3, H, W), and returns the features of stages l0..l`last`.

    l0 and l1 are at 1/2, l2 at 1/4, l3 at 1/8, l4 and l5 at 1/16, l6 and l7 at 1/`output_stride`, which is 16 or 32.
    At 16 the stride of l6 becomes dilation (DeepLabV3+).

    conv: `conv_bn`, or `conv_bias` where the normalisations were folded.
    """

    def __init__(self, *, last: int = 7, output_stride: int = 16, conv: Convolution = conv_bn) -> None:
        super().__init__()
        self.stages = nn.ModuleList([conv(3, STEM_CHANNELS, 3, stride=2)])
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
