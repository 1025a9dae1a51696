"""Feature assembly: every pixel becomes a weighted sum of its neighbourhood, with its own kernel.

It is k x k multiply-adds of shifted features, which every export format supports. `unfold` would need k x k times the
memory.
"""

import itertools
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor


def neighbours(x: Tensor, size: int) -> Iterator[Tensor]:
    """Yield x, (N, C, H, W), shifted by whole 2x2 cells to size x size neighbours in reading order; zero outside."""
    reach = size // 2 * 2
    padded = F.pad(x, (reach,) * 4) if reach else x
    for dy, dx in itertools.product(range(0, 2 * size, 2), repeat=2):
        # Slices end relative to the end, so that a traced graph does not depend on the size.
        yield padded[:, :, dy : dy - 2 * reach or None, dx : dx - 2 * reach or None]


def assemble(x: Tensor, kernel: Tensor, size: int) -> Tensor:
    """Sum over neighbours p of kernel[p] times x shifted to p. x: (N, C, H, W), kernel: (N, size * size, H, W)."""
    result = torch.zeros(())
    for p, shifted in enumerate(neighbours(x, size)):
        weighted = kernel[:, p : p + 1] * shifted
        result = result + weighted if p else weighted
    return result


def upsample_by(x: Tensor, kernel: Tensor, size: int) -> Tensor:
    """Double the resolution of x, (N, C, H/2, W/2), with a kernel for each output pixel, (N, size * size, H, W)."""
    return assemble(nearest(x), kernel, size)


def downsample_by(x: Tensor, kernel: Tensor, size: int) -> Tensor:
    """Halve the resolution of x, (N, C, H, W), with a kernel of 2 size x 2 size for each 2x2 cell.

    kernel: (N, size * size, H, W). Channel p of a cell's four pixels weights the four pixels of its neighbour p.
    """
    return 4 * F.avg_pool2d(assemble(x, kernel, size), 2)


def nearest(x: Tensor) -> Tensor:
    """Double the resolution by nearest neighbour."""
    return F.interpolate(x, scale_factor=2, mode="nearest")
