"""A2U: affinity-aware upsampling, by kernels that a low-rank bilinear model makes of second-order features (ch. 4)."""

import itertools
from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.operators.assembly import downsample_by, upsample_by
from pspm.operators.interface import Operator, Pooled

# What depends on the picture: nothing; P; P, U and V.
Kind = Literal["static", "hybrid", "dynamic"]
# "sigmoid" alone is what Table 4.1 must have used: a softmax over a kernel of one weight is 1, whatever was learned.
Normalisation = Literal["sigmoid", "softmax", "sigmoid+softmax"]


class A2U(Operator):
    """w = P sum_k (U_k x_k * V_k x_k), eq. 4.4: four kernels for each cell of the feature, shared by its channels.

    shared: U and V are the same for all channels ("cs"), or each channel's own ("cw").
    positionwise: four U and V, one for each position of a cell, and one P, instead of four P ("pw"); static only.
    kernel: size of the upsampling kernel, odd. encoding: size of U and V. rank: d.
    paired: pooling too is by kernels of the same U and V, with a P of its own and twice the size ("-d"); else maximum.
    after_u, after_v: make what follows the encodings, from the number of channels.
    """

    def __init__(
        self,
        channels: int,
        kind: Kind,
        *,
        shared: bool,
        positionwise: bool = False,
        kernel: int = 3,
        encoding: int = 5,
        rank: int = 1,
        paired: bool = False,
        normalisation: Normalisation = "sigmoid+softmax",
        after_u: Callable[[int], nn.Module] | None = None,
        after_v: Callable[[int], nn.Module] | None = None,
    ) -> None:
        if positionwise and (kind != "static" or paired):
            raise ValueError("position-wise encodings are static, and pool by the maximum")
        super().__init__()
        self.kernel, self.normalisation = kernel, normalisation
        encode = DynamicEncoding if kind == "dynamic" else StaticEncoding
        sets = 4 * rank if positionwise else rank
        self.positionwise = positionwise
        self.u, self.v = (encode(channels, encoding, sets, shared=shared) for _ in range(2))
        self.after_u, self.after_v = (after(channels) if after else nn.Identity() for after in (after_u, after_v))
        project = StaticProjection if kind == "static" else DynamicProjection
        weights = kernel**2 if positionwise else 4 * kernel**2
        self.up = project(channels, rank, weights)
        self.down = project(channels, rank, weights) if paired else None

    def pool(self, x: Tensor) -> Pooled:
        """The guidance is the upsampling kernel of every point, (N, kernel * kernel, H, W)."""
        affinity = self.affinity(x)
        if self.down is None:
            return Pooled(F.max_pool2d(x, 2), x, self._up(x, affinity))
        # All weights of the window of a cell stand at that cell until they are normalised.
        kernel = F.pixel_shuffle(self._normalised(self.down(x, affinity)), 2)
        return Pooled(downsample_by(x, kernel, self.kernel), x, self._up(x, affinity))

    def guide(self, x: Tensor) -> Tensor:
        return self._up(x, self.affinity(x))

    def upsample(self, x: Tensor, guidance: Tensor) -> Tensor:
        return upsample_by(x, guidance, self.kernel)

    def affinity(self, x: Tensor) -> Tensor:
        """sum_k (U_k x_k * V_k x_k), (N, d, H/2, W/2), or (N, d, H, W) position-wise."""
        pairs = zip(self.u(x), self.v(x), strict=True)
        summed = [(self.after_u(u) * self.after_v(v)).sum(1, keepdim=True) for u, v in pairs]
        affinity = torch.cat(summed, 1) if len(summed) > 1 else summed[0]
        return F.pixel_shuffle(affinity, 2) if self.positionwise else affinity

    def _up(self, x: Tensor, affinity: Tensor) -> Tensor:
        kernel = self.up(x, affinity)
        return self._normalised(kernel if self.positionwise else F.pixel_shuffle(kernel, 2))

    def _normalised(self, kernel: Tensor) -> Tensor:
        if "sigmoid" in self.normalisation:
            kernel = kernel.sigmoid()
        return kernel.softmax(1) if "softmax" in self.normalisation else kernel


class StaticEncoding(nn.Module):
    """A group convolution of stride 2, C groups: (N, C, H, W) to `sets` features of (N, C, H/2, W/2)."""

    def __init__(self, channels: int, kernel: int, sets: int, *, shared: bool) -> None:
        super().__init__()
        c = 1 if shared else channels
        self.sets = nn.ModuleList(
            nn.Conv2d(c, c, kernel, stride=2, padding=(kernel - 1) // 2, groups=c, bias=False) for _ in range(sets)
        )
        self.shared = shared

    def forward(self, x: Tensor) -> list[Tensor]:
        n, c, h, w = x.shape
        if not self.shared:
            return [convolve(x) for convolve in self.sets]
        alone = x.reshape(n * c, 1, h, w)
        return [convolve(alone).reshape(n, c, h // 2, w // 2) for convolve in self.sets]


class DynamicEncoding(nn.Module):
    """The same with weights that a 1x1 convolution makes of the feature's means over a kernel x kernel grid.

    The thesis speaks of a global average, from which C x C parameters cannot make a k x k kernel; of a grid they can.
    """

    def __init__(self, channels: int, kernel: int, sets: int, *, shared: bool) -> None:
        super().__init__()
        self.generate = nn.ModuleList(
            nn.Conv2d(channels, 1 if shared else channels, 1, bias=False) for _ in range(sets)
        )
        # The weights are products with the feature already; with the usual start the kernels would be saturated.
        for weight in self.generate.parameters():
            nn.init.normal_(weight, std=1 / (channels * kernel))
        self.kernel = kernel

    def forward(self, x: Tensor) -> list[Tensor]:
        means = grid_means(x, self.kernel)
        return [convolve_by(x, generate(means), self.kernel) for generate in self.generate]


class StaticProjection(nn.Conv2d):
    """P, learned as it is: affinities, (N, d, h, w), to the weights of kernels, (N, weights, h, w)."""

    def __init__(self, channels: int, rank: int, weights: int) -> None:
        super().__init__(rank, weights, 1, bias=False)

    def forward(self, x: Tensor, affinity: Tensor) -> Tensor:  # type: ignore[override]
        return super().forward(affinity)


class DynamicProjection(nn.Module):
    """P, made of the feature's global average."""

    def __init__(self, channels: int, rank: int, weights: int) -> None:
        super().__init__()
        self.generate = nn.ModuleList(nn.Conv2d(channels, weights, 1, bias=False) for _ in range(rank))

    def forward(self, x: Tensor, affinity: Tensor) -> Tensor:
        means = x.mean((2, 3), keepdim=True)
        ranks = [generate(means) * affinity[:, r : r + 1] for r, generate in enumerate(self.generate)]
        return torch.stack(ranks).sum(0) if len(ranks) > 1 else ranks[0]


def convolve_by(x: Tensor, weight: Tensor, kernel: int) -> Tensor:
    """Convolve x, (N, C, H, W), with stride 2 by weights of each picture's own, (N, C or 1, kernel, kernel)."""
    before = (kernel - 1) // 2
    after = kernel - 1 - before
    padded = F.pad(x, (before, after, before, after))
    result = torch.zeros(())
    for dy, dx in itertools.product(range(kernel), repeat=2):
        seen = padded[:, :, dy : dy + 1 - kernel or None : 2, dx : dx + 1 - kernel or None : 2]
        weighed = weight[:, :, dy : dy + 1, dx : dx + 1] * seen
        result = result + weighed if dy or dx else weighed
    return result


def grid_means(x: Tensor, cells: int) -> Tensor:
    """Adaptive average pooling, which formats lack where sides do not divide: (N, C, H, W) to (N, C, cells, cells)."""
    rows = torch.cat([x[:, :, band].mean(2, keepdim=True) for band in _bands(x.shape[2], cells)], 2)
    return torch.cat([rows[:, :, :, band].mean(3, keepdim=True) for band in _bands(x.shape[3], cells)], 3)


def _bands(side: int, cells: int) -> list[slice]:
    return [slice(i * side // cells, ((i + 1) * side + cells - 1) // cells) for i in range(cells)]
