"""IndexNet: pooling and upsampling by learned soft indices (thesis ch. 3)."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.operators.interface import Maker, Operator, Pooled

CELL = 4  # positions of a 2x2 cell

# Table 3.5: the normalisation of the logits. The decoder applies the first function, the encoder the first and then the
# second. The table leaves the decoder of its third row blank; we read it like the fourth row.
Normalisation = Literal["sigmoid", "softmax", "softmax+sigmoid", "sigmoid+softmax"]
# The index networks of sec. 3.4.1.
Family = Literal["hin", "modelwise", "shared", "unshared", "m2o"]


class IndexNet(Operator):
    """Indexed pooling and upsampling with an index network that predicts the indices (sec. 3.4, Figure 3.2).

    index: maps the feature, (N, C, H, W), to a logit for each of the four positions of every 2x2 cell,
    (N, C, 4, H/2, W/2), or (N, 1, 4, H/2, W/2) if all channels share one index map.
    paired: pool by the indices too; otherwise max pooling, as in sec. 4.5.
    """

    def __init__(
        self, index: nn.Module, normalisation: Normalisation = "sigmoid+softmax", *, paired: bool = True
    ) -> None:
        super().__init__()
        self.index, self.paired = index, paired
        self.decoder, _, self.encoder = normalisation.partition("+")

    def pool(self, x: Tensor) -> Pooled:
        """Sum each cell weighted by z. The skip is z x, the guidance is y, (N, C or 1, H, W) in (0, 1)."""
        if not self.paired:
            return Pooled(F.max_pool2d(x, 2), x, self.guide(x))
        y = _normalised(self.index(x), self.decoder)
        z = _shuffle(_normalised(y, self.encoder))
        return Pooled(4 * F.avg_pool2d(z * x, 2), z * x, _shuffle(y))

    def guide(self, x: Tensor) -> Tensor:
        return _shuffle(_normalised(self.index(x), self.decoder))

    def upsample(self, x: Tensor, guidance: Tensor) -> Tensor:
        return guidance * F.interpolate(x, scale_factor=2, mode="nearest")


class Holistic(nn.Module):
    """HIN, holistic: one index map for all channels, predicted from all channels (Figure 3.6)."""

    def __init__(self, channels: int, *, nonlinear: bool = True, context: bool = True) -> None:
        super().__init__()
        self.column = _column(channels, CELL, 2 * channels, nonlinear=nonlinear, context=context)

    def forward(self, x: Tensor) -> Tensor:
        return self.column(x)[:, None]


class Depthwise(nn.Module):
    """DIN, depthwise: an index map for every channel; a separate column for each position of a cell (Figure 3.7).

    groups: 1 predicts an index from all channels (many-to-one), `channels` from its own channel (one-to-one).
    """

    def __init__(self, channels: int, groups: int, *, nonlinear: bool = True, context: bool = True) -> None:
        super().__init__()
        self.columns = nn.ModuleList(
            _column(channels, channels, 2 * channels, groups, nonlinear=nonlinear, context=context) for _ in range(CELL)
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([column(x) for column in self.columns], 2)


class EveryChannel(nn.Module):
    """One-to-one with one index function shared by all channels: `index` sees each channel as a separate picture."""

    def __init__(self, *, nonlinear: bool = True, context: bool = True) -> None:
        super().__init__()
        self.index = Depthwise(1, 1, nonlinear=nonlinear, context=context)

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        return self.index(x.reshape(n * c, 1, h, w)).reshape(n, c, CELL, h // 2, w // 2)


def many_to_one(channels: int) -> IndexNet:
    """The M2O operator of a level, nonlinear and with context: the best of Table 3.4."""
    return IndexNet(Depthwise(channels, 1))


def index_networks(
    family: Family,
    *,
    nonlinear: bool = True,
    context: bool = True,
    normalisation: Normalisation = "sigmoid+softmax",
    paired: bool = True,
) -> Maker:
    """A maker for the operators of one network. family: "modelwise" shares one index function among all levels."""
    if family == "modelwise":
        everywhere = EveryChannel(nonlinear=nonlinear, context=context)
        return lambda channels: IndexNet(everywhere, normalisation, paired=paired)

    def make(channels: int) -> IndexNet:
        index: nn.Module
        if family == "hin":
            index = Holistic(channels, nonlinear=nonlinear, context=context)
        elif family == "shared":
            index = EveryChannel(nonlinear=nonlinear, context=context)
        else:
            groups = channels if family == "unshared" else 1
            index = Depthwise(channels, groups, nonlinear=nonlinear, context=context)
        return IndexNet(index, normalisation, paired=paired)

    return make


def _column(
    channels: int, outputs: int, hidden: int, groups: int = 1, *, nonlinear: bool, context: bool
) -> nn.Sequential:
    """Layers from a feature to logits at half its resolution. context: see 4x4 pixels instead of the 2x2 cell."""
    kernel, padding = (4, 1) if context else (2, 0)

    def wide(width: int) -> nn.Conv2d:
        return nn.Conv2d(channels, width, kernel, stride=2, padding=padding, groups=groups, bias=False)

    if not nonlinear:
        return nn.Sequential(wide(outputs))
    narrow = nn.Conv2d(hidden, outputs, 1, groups=groups, bias=False)
    return nn.Sequential(wide(hidden), nn.BatchNorm2d(hidden), nn.ReLU(inplace=True), narrow)


def _normalised(cells: Tensor, how: str) -> Tensor:
    """Apply "sigmoid", "softmax" over the four positions, or nothing to (N, C, 4, H/2, W/2)."""
    if how == "softmax":
        return cells.softmax(2)
    return cells.sigmoid() if how == "sigmoid" else cells


def _shuffle(cells: Tensor) -> Tensor:
    """Put the four positions of every cell at their pixels, (N, C, 4, H/2, W/2) -> (N, C, H, W)."""
    return F.pixel_shuffle(cells.flatten(1, 2), 2)
