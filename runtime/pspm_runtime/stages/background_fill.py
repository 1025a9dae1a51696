"""Fill in the light behind the person from the background around it, weighted by distance."""

import numpy as np
from PIL import Image

from pspm_runtime.constants import CELLS, LEAST_CELL_WEIGHT


def fill_background(light: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted mean of the light of the whole picture at every pixel, float32 (3, H, W).

    light: premultiplied, (3, H, W). weight: of each pixel, (1, H, W). Light at a distance of d cells counts
    1 / (1 + d^2)^2. Cells are squares of pixels, at most CELLS along a side, and the means are interpolated between
    them, so the result is smooth however far the nearest light is.
    """
    _, height, width = light.shape
    side = -(-max(height, width) // CELLS)
    cells = np.stack([np.asarray(Image.fromarray(plane).reduce(side)) for plane in (*light, *weight)])
    sums = cells.reshape(4, -1) @ _nearness(*cells.shape[1:])
    means = (sums[:3] / np.maximum(sums[3:], LEAST_CELL_WEIGHT)).reshape(3, *cells.shape[1:])
    # The last cell of a row or a column may extend beyond the border.
    place = 0, 0, width / side, height / side
    return np.stack([_enlarged(plane, (width, height), place) for plane in means])


def _nearness(height: int, width: int) -> np.ndarray:
    """The weight of every cell for every other, (cells, cells)."""
    y, x = (np.subtract.outer(np.arange(n), np.arange(n)).astype(np.float32) ** 2 for n in (height, width))
    squares = y[:, None, :, None] + x[None, :, None, :]
    return ((1 + squares) ** -2).reshape(height * width, height * width)


def _enlarged(plane: np.ndarray, size: tuple[int, int], place: tuple[float, float, float, float]) -> np.ndarray:
    return np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BILINEAR, box=place))
