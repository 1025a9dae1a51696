"""Trimap segmentation: DeepLabV3+ or PSPNet on MobileNetV2 (thesis sec. 6.3.1)."""

from torch import Tensor, nn

from pspm.networks.base import MattingNetwork
from pspm.networks.encoders.mobilenet import MobileNetV2
from pspm.networks.matte import Matte
from pspm.networks.trimap import trimap_prior


class SegmentationNetwork(MattingNetwork):
    """Predicts the trimap only; the alpha of its `Matte` is the prior M.

    Takes RGB in [-1, 1], (N, 3, H, W) with sides that are multiples of `MULTIPLE`.

    seg_decoder: `DeepLabDecoder` (DeepLabV3+) or `PSPDecoder` (PSPNet).
    """

    MULTIPLE = 16

    def __init__(self, seg_decoder: nn.Module) -> None:
        super().__init__()
        self.encoder = MobileNetV2()
        self.seg_decoder = seg_decoder

    def forward(self, image: Tensor) -> Matte:
        features = self.encoder(image)
        trimap = self.seg_decoder(features[7], features[2]).full
        return Matte(trimap_prior(trimap), trimap)
