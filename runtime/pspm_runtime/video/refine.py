"""Refine the matte of a frame: what `stages.refine` computes, in less time for pictures that are little larger than
their view. Single pixels may differ by a level, by the rounding of the interpolation.
"""

import numpy as np
from PIL import Image

from pspm_runtime.constants import REFINE_MARGIN, SOFT_CELL
from pspm_runtime.stages.refine import flat_parts, linear_models, luma, refine, settle, to_8_bit
from pspm_runtime.stages.soft_tiles import soft_cells, strips

# Cells are refined in strips of so many rows of them; in a strip, cells that are at most so far apart, together.
ROWS, GAP = 4, 3
# The models of a pixel need the pixels around it.
AROUND = 3


def refine_frame(alpha: np.ndarray, view: Image.Image, image: Image.Image) -> Image.Image:
    """Upsample the network's matte to the frame, as `refine` does by luma: an L image of the frame's size.

    alpha: (h, w) float32 in [0, 1]. view: the frame at the size of alpha, (w, h). image: the frame, RGB. The models are
    computed around the soft cells only, and Pillow enlarges them in strips instead of in many small tiles.
    """
    settled = settle(alpha)
    small = to_8_bit(settled)
    soft = soft_cells(small, REFINE_MARGIN)
    (h, w), (width, height) = alpha.shape, image.size
    if not soft.any() or width < w or height < h or width * height <= w * h:
        return refine(alpha, view, image)
    full = flat_parts(small, soft, image.size)
    down, across = np.flatnonzero(soft.any(1)) // ROWS, np.flatnonzero(soft.any(0))
    top, left = max(0, int(down[0]) * ROWS * SOFT_CELL - AROUND), max(0, int(across[0]) * SOFT_CELL - AROUND)
    bottom = min(h, (int(down[-1]) + 1) * ROWS * SOFT_CELL + AROUND)
    right = min(w, (int(across[-1]) + 1) * SOFT_CELL + AROUND)
    part = np.ascontiguousarray(settled[top:bottom, left:right])
    slope, offset = (Image.fromarray(x) for x in _models(luma(view.crop((left, top, right, bottom))), part))
    grey = image.convert("L")
    for first, upper, last, lower in strips(soft, alpha.shape, image.size, ROWS, GAP):
        size = last - first, lower - upper
        box = (
            max(0.0, first * w / width - left),
            max(0.0, upper * h / height - top),
            min(right - left, last * w / width - left),
            min(bottom - top, lower * h / height - top),
        )
        values = np.array(slope.resize(size, Image.Resampling.BILINEAR, box))
        values *= np.asarray(grey.crop((first, upper, last, lower)))
        values += np.asarray(offset.resize(size, Image.Resampling.BILINEAR, box))
        full[upper:lower, first:last] = np.clip(values, 0, 255, out=values)
    return Image.fromarray(full)


def _models(guide: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The slope, and the offset in levels plus one half, because numpy truncates when it converts to 8 bits."""
    slope, offset = linear_models(guide, alpha)
    offset *= 255
    offset += np.float32(0.5)
    return slope, offset
