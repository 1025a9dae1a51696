"""Box filter: the mean over a square window. The guided filter and blur fusion use it."""

import numpy as np

# So many columns, or rows, at a time, that the sums stay in the cache.
BLOCK = 64


def box_mean(x: np.ndarray, radius: int) -> np.ndarray:
    """Mean of x, (..., H, W) float32, over windows of (2 radius + 1)^2 pixels, smaller at the borders."""
    h, w = x.shape[-2:]
    means = np.empty(x.shape, np.float32)
    for plane, mean in zip(x.reshape(-1, h, w), means.reshape(-1, h, w), strict=True):
        _mean_down(plane, radius, mean)
        _mean_down(mean.T, radius, mean.T)
    return means


def _mean_down(x: np.ndarray, radius: int, mean: np.ndarray) -> None:
    """Write the mean of x, (H, W), over 2 radius + 1 neighbours in a column to `mean`, which may be x.

    Sums of the windows are put together from sums of 1, 2, 4, 8, ... neighbours. That takes a few additions of arrays,
    while numpy computes running sums value by value.
    """
    n, width = x.shape
    reach = min(radius, n - 1)
    length = 2 * reach + 1
    i = np.arange(n)
    shares = np.float32(1) / (np.minimum(i + reach + 1, n) - np.maximum(i - reach, 0)).astype(np.float32)[:, None]
    scratch = np.empty((3, n + 2 * reach, BLOCK), np.float32)
    for left in range(0, width, BLOCK):
        columns = slice(left, min(left + BLOCK, width))
        sums, spare, total = scratch[..., : columns.stop - left]
        sums[:reach] = sums[reach + n :] = 0
        sums[reach : reach + n] = x[:, columns]
        total = total[:n]
        total[:] = sums[:n]
        # sums[i] is the sum of `size` values from i on, total[i] that of `covered` values.
        size, covered = 1, 1
        while covered < length:
            np.add(sums[:-size], sums[size:], out=spare[:-size])
            sums, spare, size = spare[:-size], sums[:-size], 2 * size
            if length & size:
                total += sums[covered : covered + n]
                covered += size
        np.multiply(total, shares, out=mean[:, columns])
