"""Max pooling that remembers where the maximum stood, and unpooling that puts values back there (SegNet)."""

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
