"""The mean over a square window, by running sums: the filter that guided upsampling and blur fusion are made of."""

import numpy as np


def box_mean(x: np.ndarray, radius: int) -> np.ndarray:
    """Mean of x, (..., H, W) float32, over (2 radius + 1)^2 pixels, fewer at the borders."""
    return _along(_along(x, radius, -2), radius, -1)


def _along(x: np.ndarray, radius: int, axis: int) -> np.ndarray:
    """Mean over 2 radius + 1 neighbours along axis -2 or -1."""
    n = x.shape[axis]
    reach = min(radius, n - 1)
    sums = np.zeros((*x.shape[:axis], n + 2 * reach + 1, *x.shape[axis:][1:]), np.float32)
    part = (slice(None),) * (-1 - axis)
    np.cumsum(x, axis, out=sums[(..., slice(reach + 1, reach + 1 + n), *part)])
    sums[(..., slice(reach + 1 + n, None), *part)] = sums[(..., slice(reach + n, reach + n + 1), *part)]
    windows = sums[(..., slice(2 * reach + 1, None), *part)] - sums[(..., slice(0, n), *part)]
    i = np.arange(n)
    counts = np.minimum(i + reach + 1, n) - np.maximum(i - reach, 0)
    windows /= counts.reshape(-1, *(1,) * len(part)).astype(np.float32)
    return windows
