"""Max pooling with indices, and max unpooling that puts values back at these indices (SegNet)."""

import torch.nn.functional as F
from torch import Tensor

from pspm.operators.interface import Operator, Pooled


class MaxPool(Operator):
    """2x2 max pooling with indices and max unpooling (thesis sec. 6.3.2)."""

    def pool(self, x: Tensor) -> Pooled:
        pooled, indices = F.max_pool2d(x, 2, return_indices=True)
        return Pooled(pooled, x, indices)

    def upsample(self, x: Tensor, guidance: Tensor) -> Tensor:
        return F.max_unpool2d(x, guidance, (2, 2))


class HolisticMaxPool(Operator):
    """HMI of Table 3.4: all channels use the position of the largest value of any channel in a 2x2 cell."""

    def __init__(self) -> None:
        super().__init__()
        self.squeezed = MaxPool()

    def pool(self, x: Tensor) -> Pooled:
        """The guidance is a mask with one 1 in every 2x2 cell, (N, 1, H, W)."""
        largest = self.squeezed.pool(x.detach().amax(1, keepdim=True))
        mask = self.squeezed.upsample(largest.x * 0 + 1, largest.guidance)
        return Pooled(4 * F.avg_pool2d(mask * x, 2), x, mask)

    def upsample(self, x: Tensor, guidance: Tensor) -> Tensor:
        return guidance * F.interpolate(x, scale_factor=2, mode="nearest")
