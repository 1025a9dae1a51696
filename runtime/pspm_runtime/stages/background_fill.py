"""Light where there is none: it spreads from wherever there is some, the nearer the more."""

import numpy as np
from PIL import Image

CELLS = 24


def spread(light: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Mean of premultiplied light, (3, H, W), over the whole picture; weight, (1, H, W), says how much a pixel counts.

    What is d cells away counts 1 / (1 + d^2)^2 of what is here. Cells are squares of pixels, at most CELLS along a
    side, and the means are interpolated between them: smooth everywhere, however far the nearest light is.
    """
    _, height, width = light.shape
    side = -(-max(height, width) // CELLS)
    cells = np.stack([np.asarray(Image.fromarray(plane).reduce(side)) for plane in (*light, *weight)])
    sums = cells.reshape(4, -1) @ _nearness(*cells.shape[1:])
    means = (sums[:3] / np.maximum(sums[3:], 1e-20)).reshape(3, *cells.shape[1:])
    # The last cell of a row or of a column may reach over the border.
    place = 0, 0, width / side, height / side
    return np.stack([_enlarged(plane, (width, height), place) for plane in means])


def _nearness(height: int, width: int) -> np.ndarray:
    """How much every cell counts for every other, (cells, cells)."""
    y, x = (np.subtract.outer(np.arange(n), np.arange(n)).astype(np.float32) ** 2 for n in (height, width))
    squares = y[:, None, :, None] + x[None, :, None, :]
    return ((1 + squares) ** -2).reshape(height * width, height * width)


def _enlarged(plane: np.ndarray, size: tuple[int, int], place: tuple[float, float, float, float]) -> np.ndarray:
    return np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BILINEAR, box=place))
