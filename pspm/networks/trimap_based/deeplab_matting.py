"""DeepLabV3+ for matting: B1 of thesis Table 3.3, on MobileNetV2 at output stride 16.

The table prints no counts. As in chapter 3's other networks, the ASPP is depthwise, the convolutions that decode are
5x5, and ReLU6 is the activation.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.networks.decoders.deeplab import LOW_WIDTH, WIDTH
from pspm.networks.encoders.mobilenet import STAGE_CHANNELS, MobileNetV2
from pspm.networks.layers.aspp import ASPP
from pspm.networks.layers.convolution import conv_bn


class DeepLabMatting(nn.Module):
    """RGB and a trimap in [-1, 1], (N, 4, H, W), to alpha, (N, 1, H, W), clamped to [0, 1] in eval mode.

    H and W are multiples of `MULTIPLE`. Alpha is predicted at 1/4 and interpolated.
    """

    MULTIPLE = 16

    def __init__(self) -> None:
        super().__init__()
        self.encoder = MobileNetV2(output_stride=16, channels=4)
        self.aspp = ASPP(STAGE_CHANNELS[7], WIDTH, (6, 12, 18), depthwise=True, activation=nn.ReLU6)
        self.low = conv_bn(STAGE_CHANNELS[2], LOW_WIDTH)
        self.d = nn.Sequential(conv_bn(WIDTH + LOW_WIDTH, WIDTH, 5), conv_bn(WIDTH, WIDTH, 5))
        self.prediction = nn.Sequential(conv_bn(WIDTH, 1), nn.Conv2d(1, 1, 1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        features = self.encoder(x)
        d = F.interpolate(self.aspp(features[7]), scale_factor=4, mode="bilinear")
        quarter = self.prediction(self.d(torch.cat([d, self.low(features[2])], 1)))
        alpha = F.interpolate(quarter, scale_factor=4, mode="bilinear")
        return alpha if self.training else alpha.clamp(0, 1)
