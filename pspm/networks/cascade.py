"""The cascade baselines B, B1 and B2: segmentation, then IndexNet matting (thesis sec. 6.3.1, Figure 6.2)."""

import torch
from torch import Tensor

from pspm.networks.base import MattingNetwork
from pspm.networks.input_range import from_unit
from pspm.networks.matte import Matte
from pspm.networks.segmentation import SegmentationNetwork
from pspm.networks.trimap import TRIMAP_CLASSES, trimap_prior
from pspm.networks.trimap_based.indexnet import IndexNetMatting


class Cascade(MattingNetwork):
    """A segmentation network that predicts the trimap, and a matting network that takes it.

    Takes RGB in [-1, 1], (N, 3, H, W) with sides that are multiples of `MULTIPLE`; returns a `Matte`.

    B joins two trained networks, `segmentation` and `matting`; B1 is B trained end to end.

    summed: the matting network sees the prior M = F + U/2 (B, B1); otherwise all three probabilities (B2). Both are
    scaled to [-1, 1], the range of the image and of the trimaps that IndexNet matting was trained with.
    """

    MULTIPLE = IndexNetMatting.MULTIPLE

    def __init__(self, segmentation: SegmentationNetwork, *, summed: bool = True) -> None:
        super().__init__()
        self.segmentation = segmentation
        self.matting = IndexNetMatting(channels=3 + (1 if summed else len(TRIMAP_CLASSES)))
        self.summed = summed

    def forward(self, image: Tensor) -> Matte:
        trimap = self.segmentation(image).trimap
        prior = trimap_prior(trimap) if self.summed else trimap.softmax(1)
        return Matte(self.matting(torch.cat([image, from_unit(prior)], 1)), trimap)
