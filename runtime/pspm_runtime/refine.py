"""From the matte at the network's size to the matte at the photo's: edge-aware upsampling."""

import numpy as np
from PIL import Image

from pspm_runtime.band import soft_tiles
from pspm_runtime.box import box_mean

RADIUS = 2
EPSILON = 1e-3
MARGIN = 2


def refine(alpha: np.ndarray, rgb: np.ndarray) -> np.ndarray:
    """The matte of a photo, (H, W) uint8, from the network's, (h, w) float32 in [0, 1].

    A guided filter (He and Sun, "Fast guided filter", 2015): on the small grid the matte is modelled as a linear
    function of the photo's brightness, window by window; the functions are interpolated and applied to the photo at
    its own resolution, so edges fall where the photo has them. Only tiles that hold soft pixels are touched.
    A photo that is no larger than the network's size gets its matte by plain interpolation.
    """
    height, width = rgb.shape[:2]
    h, w = alpha.shape
    small = to_8_bit(alpha)
    full = np.array(Image.fromarray(small).resize((width, height), Image.Resampling.BILINEAR))
    if height * width <= h * w:
        return full
    grey = _brightness(np.asarray(Image.fromarray(rgb).resize((w, h), Image.Resampling.BOX, reducing_gap=2.0)))
    slope, offset = _linear_models(grey, small.astype(np.float32) / 255)
    planes = Image.fromarray(slope), Image.fromarray(offset)
    for tile in soft_tiles(small, (width, height), MARGIN):
        a, b = (np.asarray(p.resize(tile.size, Image.Resampling.BILINEAR, box=tile.box)) for p in planes)
        guide = _brightness(rgb[tile.rows, tile.columns])
        full[tile.rows, tile.columns] = to_8_bit(a * guide + b)
    return full


def to_8_bit(x: np.ndarray) -> np.ndarray:
    """[0, 1] to 0..255, rounded; what lies outside is clamped."""
    return (np.clip(x, 0, 1) * 255 + 0.5).astype(np.uint8)


def _brightness(rgb: np.ndarray) -> np.ndarray:
    """Luma in [0, 1], float32."""
    return np.asarray(Image.fromarray(rgb).convert("L"), np.float32) / 255


def _linear_models(guide: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope and offset of alpha = slope * guide + offset, smoothed over the windows that share a pixel."""
    mean_guide, mean_alpha = box_mean(guide, RADIUS), box_mean(alpha, RADIUS)
    covariance = box_mean(guide * alpha, RADIUS) - mean_guide * mean_alpha
    variance = box_mean(guide * guide, RADIUS) - mean_guide**2
    slope = covariance / (variance + EPSILON)
    offset = mean_alpha - slope * mean_guide
    return box_mean(slope, RADIUS), box_mean(offset, RADIUS)
