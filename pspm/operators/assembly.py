"""Feature assembly: every point as a sum over its neighbourhood, weighed by a kernel of its own.

k x k multiply-adds of shifted features, which every format can express; `unfold` would need k x k times the memory.
"""

import itertools
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor


def neighbours(x: Tensor, size: int) -> Iterator[Tensor]:
    """x, (N, C, H, W), shifted by whole 2x2 cells to each of size x size places in reading order; zero outside."""
    reach = size // 2 * 2
    padded = F.pad(x, (reach,) * 4) if reach else x
    for dy, dx in itertools.product(range(0, 2 * size, 2), repeat=2):
        # Counted from the end, so that no size enters a graph that is made of this.
        yield padded[:, :, dy : dy - 2 * reach or None, dx : dx - 2 * reach or None]


def assemble(x: Tensor, kernel: Tensor, size: int) -> Tensor:
    """Sum over p of kernel p times x shifted by p cells; x: (N, C, H, W), kernel: (N, size * size, H, W)."""
    result = torch.zeros(())
    for p, shifted in enumerate(neighbours(x, size)):
        weighed = kernel[:, p : p + 1] * shifted
        result = result + weighed if p else weighed
    return result


def upsample_by(x: Tensor, kernel: Tensor, size: int) -> Tensor:
    """Double the resolution of x, (N, C, H/2, W/2), by one kernel for each point, (N, size * size, H, W)."""
    return assemble(nearest(x), kernel, size)


def downsample_by(x: Tensor, kernel: Tensor, size: int) -> Tensor:
    """Halve the resolution of x, (N, C, H, W), by a kernel of 2 size x 2 size for each cell.

    kernel: (N, size * size, H, W), for each neighbouring cell the weights of its pixels, in the cell's own places.
    """
    return 4 * F.avg_pool2d(assemble(x, kernel, size), 2)


def nearest(x: Tensor) -> Tensor:
    """Twice the resolution by nearest neighbour."""
    return F.interpolate(x, scale_factor=2, mode="nearest")
