"""`Mobile` for video: the previous frame's matte is a fourth channel of the picture.

It starts as exactly `Mobile`, because a new channel has zero weights. Its state is the matte, so nothing else has to be
kept from frame to frame, and a program can start anew at any frame.
"""

import torch
from torch import Tensor

from pspm.networks.base import MattingNetwork
from pspm.networks.encoders.mobilenet import MobileNetV2
from pspm.networks.layers.convolution import conv_bias
from pspm.networks.matte import Matte
from pspm.networks.mobile import LightMatDecoder, LightSegDecoder, Mobile
from pspm.networks.trimap import trimap_prior

# The previous matte is multiplied by this. Weights that start at 0 move by about the learning rate at each step, so it
# decides how far a short run can go.
GAIN = 4


class MobileVideo(MattingNetwork):
    """Takes RGB in [-1, 1] and the previous matte in [0, 1], (N, 4, H, W), to a `Matte` with its trimap at 1/4.

    Without a previous frame, and at a cut, the previous matte is 0 everywhere.
    """

    MULTIPLE = Mobile.MULTIPLE
    VIEW_SIDE = Mobile.VIEW_SIDE
    takes_previous = True

    def __init__(self) -> None:
        super().__init__()
        self.encoder = MobileNetV2(last=6, output_stride=32, conv=conv_bias, channels=4)
        self.seg_decoder = LightSegDecoder()
        self.mat_decoder = LightMatDecoder(4)

    def forward(self, x: Tensor) -> Matte:
        x = torch.cat([x[:, :3], GAIN * x[:, 3:]], 1)
        features = self.encoder(x)
        shared, trimap = self.seg_decoder(features)
        alpha = self.mat_decoder(x, shared, trimap_prior(trimap), features[1])
        return Matte(alpha if self.training else alpha.clamp(0, 1), trimap)
