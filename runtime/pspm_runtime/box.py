"""The mean over a square window, by running sums: the filter that guided upsampling and blur fusion are made of."""

import numpy as np


def box_mean(x: np.ndarray, radius: int) -> np.ndarray:
    """Mean of x, (H, W) or (H, W, C) float32, over (2 radius + 1)^2 pixels, fewer at the borders."""
    return _along(_along(x, radius, 0), radius, 1)


def _along(x: np.ndarray, radius: int, axis: int) -> np.ndarray:
    n = x.shape[axis]
    before = [(0, 0)] * x.ndim
    before[axis] = (1, 0)
    # float64, since the difference of two large sums is all that is left of a window.
    sums = np.pad(np.cumsum(x, axis, dtype=np.float64), before)
    stop = np.minimum(np.arange(n) + radius + 1, n)
    start = np.maximum(np.arange(n) - radius, 0)
    shape = [1] * x.ndim
    shape[axis] = n
    means = (sums.take(stop, axis) - sums.take(start, axis)) / (stop - start).reshape(shape)
    return means.astype(np.float32)
