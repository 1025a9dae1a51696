"""From the matte at the network's size to the matte at the photo's: edge-aware upsampling."""

import numpy as np
from PIL import Image

from pspm_runtime.stages.box_filter import box_mean
from pspm_runtime.stages.soft_tiles import soft_tiles

RADIUS = 1
EPSILON = 1e-3
MARGIN = 2
HAZE = np.float32(4 / 255)


def refine(alpha: np.ndarray, view: Image.Image, image: Image.Image) -> Image.Image:
    """The matte of a photo, an L image of its size, from the network's, (h, w) float32 in [0, 1].

    view: the photo at the network's size, (w, h). A guided filter (He and Sun, "Fast guided filter", 2015) gives the
    slope at which the matte follows the photo's brightness, window by window on the small grid. The matte is then
    interpolated, and the brightness that interpolation lost comes back times that slope, so edges fall where the
    photo has them. The filter's own result, which is smoothed, would lose more than it brings. Only tiles that hold
    soft pixels are touched. A photo no larger than its view gets its matte by plain interpolation.
    """
    alpha = settle(alpha)
    small = to_8_bit(alpha)
    matte = Image.fromarray(small)
    if image.width * image.height <= view.width * view.height:
        return matte.resize(image.size, Image.Resampling.BILINEAR)
    # Outside the soft tiles the small matte is flat, so that the nearest pixel is as good as any interpolation.
    full = matte.resize(image.size, Image.Resampling.NEAREST)
    slope, offset = _linear_models(_brightness(view), alpha)
    # Everything in 0..255, and half a step more, since Pillow clamps and cuts off where it makes 8 bits of floats.
    models = Image.fromarray(slope), Image.fromarray(offset * 255 + np.float32(0.5))
    for tile in soft_tiles(small, image.size, MARGIN):
        rise, matte_at_black = (
            np.asarray(x.resize(tile.size, Image.Resampling.BILINEAR, box=tile.box)) for x in models
        )
        guide = np.asarray(image.crop(tile.place).convert("L"))
        full.paste(Image.fromarray(rise * guide + matte_at_black).convert("L"), tile.place)
    return full


def settle(alpha: np.ndarray) -> np.ndarray:
    """Stretch the matte so that what is within `HAZE` of 0 or 1 gets there.

    Networks leave a haze of a few 255ths where nothing is: invisible in the matte, but a veil on a new background, and
    it would make every pixel of the photo a soft one.
    """
    stretched: np.ndarray = np.clip((alpha - HAZE) / (1 - 2 * HAZE), 0, 1)
    return stretched


def to_8_bit(x: np.ndarray) -> np.ndarray:
    """[0, 1] to 0..255, rounded; what lies outside is clamped."""
    return (np.clip(x, 0, 1) * 255 + 0.5).astype(np.uint8)


def _brightness(image: Image.Image) -> np.ndarray:
    """Luma in [0, 1], float32 (H, W)."""
    return np.asarray(image.convert("L"), np.float32) / 255


def _linear_models(guide: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope and offset of alpha = slope * guide + offset, exact at every pixel of the small grid."""
    mean_guide, mean_alpha, product, square = box_mean(np.stack([guide, alpha, guide * alpha, guide * guide]), RADIUS)
    slope = box_mean((product - mean_guide * mean_alpha) / (square - mean_guide**2 + EPSILON), RADIUS)
    return slope, alpha - slope * guide
