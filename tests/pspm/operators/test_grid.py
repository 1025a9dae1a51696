"""Means of a grid of cells and the interpolation back, against torch's adaptive pooling and interpolation."""

import pytest
import torch
import torch.nn.functional as F

from pspm.operators.grid import grid_means, interpolate_grid

SIDES = (1, 2, 3, 4, 5, 6, 7, 9, 12, 13, 16, 31, 40, 64)
CELLS = (1, 2, 3, 5, 6)


def feature(*shape: int) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(shape)))


@pytest.mark.parametrize("cells", CELLS)
@pytest.mark.parametrize("height", SIDES)
def test_grid_means_are_adaptive_average_pooling(height: int, cells: int) -> None:
    """Also for sides below the number of cells, where neighbouring cells share a pixel."""
    for width in SIDES:
        x = feature(2, 3, height, width)
        torch.testing.assert_close(grid_means(x, cells), F.adaptive_avg_pool2d(x, cells), rtol=0, atol=1e-13)


@pytest.mark.parametrize("cells", CELLS)
@pytest.mark.parametrize("height", SIDES)
def test_a_grid_is_interpolated_as_torch_does(height: int, cells: int) -> None:
    """Also to fewer pixels than cells."""
    grid = feature(2, 3, cells, cells)
    for width in SIDES:
        x = feature(1, 1, height, width)
        expected = F.interpolate(grid, (height, width), mode="bilinear")
        torch.testing.assert_close(interpolate_grid(grid, x), expected, rtol=0, atol=1e-13)


def test_a_mean_over_many_pixels_is_as_exact_as_torchs_in_float32() -> None:
    x = feature(1, 2, 64, 61)
    expected = F.adaptive_avg_pool2d(x, 6)
    assert (grid_means(x.float(), 6) - expected).abs().max() < 1e-6
    assert grid_means(x.bfloat16(), 6).dtype == torch.bfloat16
