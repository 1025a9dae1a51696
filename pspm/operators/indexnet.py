"""IndexNet: pooling and upsampling by learned soft indices (thesis ch. 3)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.operators.interface import Operator, Pooled


class IndexNet(Operator):
    """Indexed pooling and indexed upsampling around a network that predicts the indices (sec. 3.4, Figure 3.2).

    index: from the feature, (N, C, H, W), to one logit for each of the four positions of every 2x2 cell,
    (N, C, 4, H/2, W/2) or, where all channels share one index map, (N, 1, 4, H/2, W/2).
    """

    def __init__(self, index: nn.Module) -> None:
        super().__init__()
        self.index = index

    def pool(self, x: Tensor) -> Pooled:
        """The sum of each cell weighed by z; the skip is z x, the guidance is y, (N, C or 1, H, W) in (0, 1)."""
        y = self.index(x).sigmoid()
        z = _shuffle(y.softmax(2))
        return Pooled(4 * F.avg_pool2d(z * x, 2), z * x, _shuffle(y))

    def upsample(self, x: Tensor, guidance: Tensor) -> Tensor:
        return guidance * F.interpolate(x, scale_factor=2, mode="nearest")


class ManyToOne(nn.Module):
    """M2O: every channel's index looks at all channels; one column per position of a cell, none shared (Figure 3.7).

    With nonlinearity and context (a 4x4 kernel), the best of Table 3.4.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.columns = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(channels, 2 * channels, 4, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(2 * channels),
                nn.ReLU(inplace=True),
                nn.Conv2d(2 * channels, channels, 1, bias=False),
            )
            for _ in range(4)
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([column(x) for column in self.columns], 2)


def many_to_one(channels: int) -> IndexNet:
    """The M2O operator of a level with so many channels."""
    return IndexNet(ManyToOne(channels))


def _shuffle(cells: Tensor) -> Tensor:
    """The four positions of every cell put in their places, (N, C, 4, H/2, W/2) -> (N, C, H, W)."""
    return F.pixel_shuffle(cells.flatten(1, 2), 2)
