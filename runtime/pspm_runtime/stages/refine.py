"""Refine the matte: edge-aware upsampling from the size of the view to the size of the photo."""

import numpy as np
from PIL import Image

from pspm_runtime.stages.box_filter import box_mean
from pspm_runtime.stages.soft_tiles import soft_tiles

RADIUS = 1
EPSILON = 1e-3
MARGIN = 2
HAZE = np.float32(4 / 255)


def refine(alpha: np.ndarray, view: Image.Image, image: Image.Image) -> Image.Image:
    """Upsample the network's matte to the photo: an L image of the photo's size.

    alpha: (h, w) float32 in [0, 1]. view: the photo at the size of alpha, (w, h). image: the photo, RGB.
    A guided filter (He and Sun, "Fast guided filter", 2015) on the small grid gives the slope by which the matte
    follows the photo's luma in each window. The matte is interpolated, and the detail that interpolation removed from
    the luma is added back times the slope, so that edges fall where the photo has them. The guided filter's own output
    is smoothed and would lose more than it gains. Only soft tiles are refined. A photo that is not larger than its
    view gets a plainly interpolated matte.
    """
    alpha = settle(alpha)
    small = to_8_bit(alpha)
    matte = Image.fromarray(small)
    if image.width * image.height <= view.width * view.height:
        return matte.resize(image.size, Image.Resampling.BILINEAR)
    # Outside the soft tiles the small matte is flat, so the nearest pixel equals any interpolation.
    full = matte.resize(image.size, Image.Resampling.NEAREST)
    slope, offset = linear_models(luma(view), alpha)
    # In 0..255, plus one half, because Pillow clamps and truncates when it converts floats to 8 bits.
    models = Image.fromarray(slope), Image.fromarray(offset * 255 + np.float32(0.5))
    for tile in soft_tiles(small, image.size, MARGIN):
        rise, matte_at_black = (
            np.asarray(x.resize(tile.size, Image.Resampling.BILINEAR, box=tile.box)) for x in models
        )
        guide = np.asarray(image.crop(tile.place).convert("L"))
        full.paste(Image.fromarray(rise * guide + matte_at_black).convert("L"), tile.place)
    return full


def settle(alpha: np.ndarray) -> np.ndarray:
    """Stretch the matte so that values within `HAZE` of 0 or 1 become 0 or 1.

    Networks leave a haze of a few 255ths in the background. It is invisible in the matte but veils a new background,
    and it would make every pixel of the photo soft.
    """
    stretched: np.ndarray = np.clip((alpha - HAZE) / (1 - 2 * HAZE), 0, 1)
    return stretched


def to_8_bit(x: np.ndarray) -> np.ndarray:
    """Convert [0, 1] to 0..255, rounded and clamped."""
    return (np.clip(x, 0, 1) * 255 + 0.5).astype(np.uint8)


def luma(image: Image.Image) -> np.ndarray:
    """Luma of an RGB image: float32 (H, W) in [0, 1]."""
    return np.asarray(image.convert("L"), np.float32) / 255


def linear_models(guide: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Local linear models of the guided filter: slope and offset, (h, w) each.

    guide, alpha: float32 (h, w). alpha = slope * guide + offset holds exactly at every pixel.
    """
    mean_guide, mean_alpha = box_mean(guide, RADIUS), box_mean(alpha, RADIUS)
    slope = box_mean(guide * alpha, RADIUS)
    slope -= mean_guide * mean_alpha
    variance = box_mean(guide * guide, RADIUS)
    variance -= np.square(mean_guide, out=mean_guide)
    variance += EPSILON
    slope /= variance
    slope = box_mean(slope, RADIUS)
    return slope, alpha - slope * guide
