"""Box filter: the mean over a square window, from running sums. The guided filter and blur fusion use it."""

import numpy as np


def box_mean(x: np.ndarray, radius: int) -> np.ndarray:
    """Mean of x, (..., H, W) float32, over windows of (2 radius + 1)^2 pixels, smaller at the borders."""
    return _along(_along(x, radius, -2), radius, -1)


def _along(x: np.ndarray, radius: int, axis: int) -> np.ndarray:
    """Mean over 2 radius + 1 neighbours along one axis."""
    n = x.shape[axis]
    reach = min(radius, n - 1)
    shape = list(x.shape)
    shape[axis] = n + 2 * reach + 1

    def between(start: int, stop: int) -> tuple[slice, ...]:
        index = [slice(None)] * x.ndim
        index[axis] = slice(start, stop)
        return tuple(index)

    # Running sums, padded by reach + 1 zeros in front and by the total behind, so that every window fits.
    sums = np.zeros(shape, np.float32)
    end = reach + 1 + n
    np.cumsum(x, axis, out=sums[between(reach + 1, end)])
    sums[between(end, shape[axis])] = sums[between(end - 1, end)]
    windows: np.ndarray = sums[between(2 * reach + 1, shape[axis])] - sums[between(0, n)]
    i = np.arange(n)
    counts = np.minimum(i + reach + 1, n) - np.maximum(i - reach, 0)
    windows /= np.expand_dims(counts.astype(np.float32), tuple(range(1, -axis)))
    return windows
