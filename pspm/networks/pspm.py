"""Parameter-sharing portrait matting, PSPM (thesis ch. 6): one encoder, a SegDecoder and a MatDecoder."""

from torch import Tensor, nn

from pspm.networks.base import MattingNetwork
from pspm.networks.encoders.mobilenet import STAGE_CHANNELS
from pspm.networks.encoders.mobilenet_pooled import POOLED_STAGES, PooledMobileNetV2
from pspm.networks.matte import Matte
from pspm.networks.trimap import trimap_prior
from pspm.operators import Maker


class PSPM(MattingNetwork):
    """B3, B4, B5: the SegDecoder predicts the trimap, and the MatDecoder predicts the alpha with its prior M.

    Takes RGB in [-1, 1], (N, 3, H, W) with sides that are multiples of `MULTIPLE`; returns a `Matte`.

    seg_decoder: `DeepLabDecoder`, or `PSPLowDecoder` (Table 6.7).
    mat_decoder: one of `LateInteraction` (B3), `FeatureFusion` (B4), `AttentionGuided` (B5).
    operator: makes the pooling and upsampling operator of a level from its number of channels.
    modulate: add feature modulation (FM) to the encoder.
    """

    MULTIPLE = 16

    def __init__(
        self,
        seg_decoder: nn.Module,
        mat_decoder: nn.Module,
        operator: Maker,
        *,
        modulate: bool = False,
    ) -> None:
        super().__init__()
        self.encoder = PooledMobileNetV2([operator(STAGE_CHANNELS[i]) for i in POOLED_STAGES], modulate=modulate)
        self.seg_decoder = seg_decoder
        self.mat_decoder = mat_decoder

    def forward(self, image: Tensor) -> Matte:
        features = self.encoder(image)
        trimap = self.seg_decoder(features.l[7], features.pooled[2].x)
        operators = {stage: self.encoder.operator(stage) for stage in POOLED_STAGES}
        alpha = self.mat_decoder(features, trimap_prior(trimap.quarter), operators)
        return Matte(alpha if self.training else alpha.clamp(0, 1), trimap.full)
