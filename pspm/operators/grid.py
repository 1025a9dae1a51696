"""A grid of cells over a feature map: means of the cells, and bilinear interpolation back, as products of matrices.

torch's adaptive average pooling and its interpolation to a given size have no counterpart in TFLite, and none in Core
ML for flexible sizes. Matrix products exist in every export format, and the matrices follow from the size alone.
"""

import torch
from torch import Tensor


def grid_means(x: Tensor, cells: int) -> Tensor:
    """Adaptive average pooling: (N, C, H, W) to (N, C, cells, cells)."""
    return _mean_weights(x, 2, cells) @ x @ _mean_weights(x, 3, cells).transpose(0, 1)


def interpolate_grid(grid: Tensor, x: Tensor) -> Tensor:
    """Bilinear interpolation of a grid, (N, D, cells, cells), to the height and width of x: (N, D, H, W)."""
    cells = grid.shape[3]
    return _interpolation_weights(x, 2, cells) @ grid @ _interpolation_weights(x, 3, cells).transpose(0, 1)


def _mean_weights(x: Tensor, axis: int, cells: int) -> Tensor:
    """(cells, side): the weight of each pixel in the mean of each cell.

    Cell i of n covers the pixels from floor(i side / n) to before ceil((i + 1) side / n). Neighbours may share a pixel.
    """
    side = x.shape[axis]
    cell, pixel = torch.arange(cells, device=x.device)[:, None], torch.arange(side, device=x.device)
    begun, ended = (pixel + 1) * cells > cell * side, pixel * cells >= (cell + 1) * side
    inside = begun.to(x.dtype) - ended.to(x.dtype)
    return inside / inside.sum(1, keepdim=True)


def _interpolation_weights(x: Tensor, axis: int, cells: int) -> Tensor:
    """(side, cells): the weight of each cell in each pixel. Outside the outer centres, one cell counts."""
    side = x.shape[axis]
    cell, pixel = torch.arange(cells, device=x.device), torch.arange(side, device=x.device)[:, None]
    position = ((pixel.to(x.dtype) + 0.5) * cells / side - 0.5).clamp(0, cells - 1)
    return (1 - (position - cell.to(x.dtype)).abs()).relu()
