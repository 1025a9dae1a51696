"""A2U: affinity-aware upsampling, with kernels from a low-rank bilinear model of second-order features (ch. 4)."""

import itertools
from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.operators.assembly import downsample_by, upsample_by
from pspm.operators.grid import grid_means
from pspm.operators.interface import Operator, Pooled

# Which of P, U and V depend on the picture: none, only P, all.
Kind = Literal["static", "hybrid", "dynamic"]
# Table 4.1 must have used "sigmoid" only: a softmax over a kernel of one weight is always 1.
Normalisation = Literal["sigmoid", "softmax", "sigmoid+softmax"]


class A2U(Operator):
    """w = P sum_k (U_k x_k * V_k x_k), eq. 4.4: four kernels for each 2x2 cell, shared by all channels.

    kind: which of P, U and V depend on the picture, see `Kind`.
    shared: U and V are shared by all channels ("cs"); otherwise each channel has its own ("cw").
    positionwise: four U and V, one for each position of a cell, and one P, instead of four P ("pw"); static only.
    kernel: size of the upsampling kernel, odd. encoding: size of U and V. rank: d.
    paired: pool with kernels from the same U and V, with a separate P and twice the size ("-d"); otherwise max pooling.
    after_u, after_v: make a layer behind the encodings from the number of channels.
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
            raise ValueError('positionwise needs kind="static" and paired=False')
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
        """The guidance is the upsampling kernel of every pixel, (N, kernel * kernel, H, W)."""
        affinity = self.affinity(x)
        if self.down is None:
            return Pooled(F.max_pool2d(x, 2), x, self._up(x, affinity))
        # Until they are normalised, the weights of a cell's window are channels at that cell.
        kernel = F.pixel_shuffle(self._normalised(self.down(x, affinity)), 2)
        return Pooled(downsample_by(x, kernel, self.kernel), x, self._up(x, affinity))

    def guide(self, x: Tensor) -> Tensor:
        return self._up(x, self.affinity(x))

    def upsample(self, x: Tensor, guidance: Tensor) -> Tensor:
        return upsample_by(x, guidance, self.kernel)

    def affinity(self, x: Tensor) -> Tensor:
        """sum_k (U_k x_k * V_k x_k): (N, d, H/2, W/2), or (N, d, H, W) if position-wise."""
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
    """U or V, learned: a depthwise convolution of stride 2. (N, C, H, W) to `sets` features of (N, C, H/2, W/2)."""

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
        separate = x.reshape(n * c, 1, h, w)
        return [convolve(separate).reshape(n, c, h // 2, w // 2) for convolve in self.sets]


class DynamicEncoding(nn.Module):
    """U or V, predicted: a 1x1 convolution makes the weights from the feature's means over a kernel x kernel grid.

    The thesis names a global average instead of a grid, but C x C parameters cannot make a k x k kernel from that.
    """

    def __init__(self, channels: int, kernel: int, sets: int, *, shared: bool) -> None:
        super().__init__()
        self.generate = nn.ModuleList(
            nn.Conv2d(channels, 1 if shared else channels, 1, bias=False) for _ in range(sets)
        )
        # Affinities are products of four features, so the default initialisation would saturate the kernels.
        for weight in self.generate.parameters():
            nn.init.normal_(weight, std=1 / (channels * kernel))
        self.kernel = kernel

    def forward(self, x: Tensor) -> list[Tensor]:
        means = grid_means(x, self.kernel)
        return [convolve_by(x, generate(means), self.kernel) for generate in self.generate]


class StaticProjection(nn.Conv2d):
    """P, learned: affinities, (N, d, h, w), to kernel weights, (N, weights, h, w)."""

    def __init__(self, channels: int, rank: int, weights: int) -> None:
        super().__init__(rank, weights, 1, bias=False)

    def forward(self, x: Tensor, affinity: Tensor) -> Tensor:  # type: ignore[override]
        return super().forward(affinity)


class DynamicProjection(nn.Module):
    """P, predicted from the feature's global average. Same shapes as `StaticProjection`."""

    def __init__(self, channels: int, rank: int, weights: int) -> None:
        super().__init__()
        self.generate = nn.ModuleList(nn.Conv2d(channels, weights, 1, bias=False) for _ in range(rank))

    def forward(self, x: Tensor, affinity: Tensor) -> Tensor:
        means = x.mean((2, 3), keepdim=True)
        ranks = [generate(means) * affinity[:, r : r + 1] for r, generate in enumerate(self.generate)]
        return torch.stack(ranks).sum(0) if len(ranks) > 1 else ranks[0]


def convolve_by(x: Tensor, weight: Tensor, kernel: int) -> Tensor:
    """Convolve x, (N, C, H, W), with stride 2 and separate weights for each picture, (N, C or 1, kernel, kernel)."""
    before = (kernel - 1) // 2
    after = kernel - 1 - before
    padded = F.pad(x, (before, after, before, after))
    result = torch.zeros(())
    for dy, dx in itertools.product(range(kernel), repeat=2):
        window = padded[:, :, dy : dy + 1 - kernel or None : 2, dx : dx + 1 - kernel or None : 2]
        weighted = weight[:, :, dy : dy + 1, dx : dx + 1] * window
        result = result + weighted if dy or dx else weighted
    return result
