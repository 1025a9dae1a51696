"""`Mobile` for video: its MatDecoder mixes the matte with the previous one, moved to where the person is.

Whoever runs it moves the previous matte. Encoder and SegDecoder never see it, so an error cannot come back through
them. Before training, the two mattes count alike, which is a recursive mean along the motion of the person.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.networks.matte import Matte
from pspm.networks.mobile import LightMatDecoder, Mobile
from pspm.networks.mobile_video import GAIN
from pspm.networks.trimap import trimap_prior


class MixingMatDecoder(LightMatDecoder):
    """A `LightMatDecoder` that sees the previous matte beside the pixels, and mixes it with its own."""

    def __init__(self) -> None:
        super().__init__(4)
        self.share = nn.Conv2d(self.WIDTH, 4, 3, padding=1)
        nn.init.zeros_(self.share.weight)
        assert self.share.bias is not None
        nn.init.zeros_(self.share.bias)

    def forward(self, image: Tensor, x: Tensor, prior: Tensor, l1: Tensor) -> Tensor:
        """Alpha, (N, 1, H, W). image: with the previous matte, (N, 4, H, W)."""
        previous = image[:, 3:]
        feature = self.feature(torch.cat([image[:, :3], GAIN * previous], 1), x, prior, l1)
        own = self.predict(feature)
        # Without a previous matte, which is then 0 everywhere, nothing is mixed.
        share = F.pixel_shuffle(self.share(feature), 2).sigmoid() * previous.amax((2, 3), keepdim=True)
        mixed: Tensor = own + share * (previous - own)
        return mixed


class MobileSteady(Mobile):
    """Takes RGB in [-1, 1] and the previous matte, moved, in [0, 1], (N, 4, H, W), to a `Matte` with its trimap at 1/4.

    Without a previous frame, and at a cut, the previous matte is 0 everywhere.
    """

    takes_previous = True
    moves_previous = True

    def __init__(self) -> None:
        super().__init__()
        self.mat_decoder = MixingMatDecoder()

    def forward(self, x: Tensor) -> Matte:
        features = self.encoder(x[:, :3])
        shared, trimap = self.seg_decoder(features)
        alpha = self.mat_decoder(x, shared, trimap_prior(trimap), features[1])
        return Matte(alpha if self.training else alpha.clamp(0, 1), trimap)
