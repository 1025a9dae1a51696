"""Box filter: the mean over a square window. The guided filter and blur fusion use it."""

import numpy as np


def box_mean(x: np.ndarray, radius: int) -> np.ndarray:
    """Mean of x, (..., H, W) float32, over windows of (2 radius + 1)^2 pixels, smaller at the borders."""
    h, w = x.shape[-2:]
    down, right = min(radius, h - 1), min(radius, w - 1)
    shares = _shares(h, down)[:, None] * _shares(w, right)
    # A plane is one row of values, so that a window down is a window along it with steps of `row`. The zeros behind
    # each row of pixels are outside the window of its last pixels, and of the next row's first.
    row = w + right
    margin = down * row + right
    memory = np.empty((3, h * row + 2 * margin), np.float32)
    means = np.empty(x.shape, np.float32)
    for plane, mean in zip(x.reshape(-1, h, w), means.reshape(-1, h, w), strict=True):
        memory[0] = 0
        memory[0, margin : margin + h * row].reshape(h, row)[:, :w] = plane
        across = _window_sums(memory[0], 2 * right + 1, 1, memory[1], memory[2])
        sums = _window_sums(across, 2 * down + 1, row, memory[0], memory[1])
        np.multiply(sums.reshape(h, row)[:, :w], shares, out=mean)
    return means


def _shares(n: int, reach: int) -> np.ndarray:
    """What one of n neighbours counts in the mean over 2 reach + 1 of them, or as many as there are."""
    i = np.arange(n)
    counts = np.minimum(i + reach + 1, n) - np.maximum(i - reach, 0)
    return 1 / counts.astype(np.float32)


def _window_sums(x: np.ndarray, length: int, step: int, spare: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Sums of `length` values, `step` apart, that begin at each value of a row; x and the spare memory are used up.

    They are put together from sums of 1, 2, 4, 8, ... values, a few additions of arrays, because numpy computes running
    sums value by value. length: odd. Returns the used part of `total`.
    """
    total = total[: len(x) - (length - 1) * step]
    total[:] = x[: len(total)]
    # x[i] is the sum of `size` values from i on, total[i] that of `covered` values.
    size, covered = 1, 1
    while covered < length:
        n = len(x) - size * step
        np.add(x[:n], x[size * step :], out=spare[:n])
        x, spare, size = spare[:n], x, 2 * size
        if length & size:
            total += x[covered * step : covered * step + len(total)]
            covered += size
    return total
