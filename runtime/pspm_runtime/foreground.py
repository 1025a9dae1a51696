"""The person's own colours behind a soft matte, so that hair on a new background shows none of the old one."""

import numpy as np
from PIL import Image

from pspm_runtime.band import soft_tiles
from pspm_runtime.box import box_mean

SMALL_SIDE = 512
FAR, NEAR = 1 / 12, 1 / 80
MARGIN = 4


def estimate_foreground(rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Foreground colours F of I = alpha F + (1 - alpha) B, (H, W, 3) uint8, for a photo and its matte, both uint8.

    Blur fusion (Forte, "Approximate fast foreground colour estimation", 2021) in two passes: F and B are weighted
    means of the photo's colours over a wide and then a narrow window, and F is moved so that the equation holds. F
    and B vary slowly, so both are estimated on a small copy and only the last step runs at the photo's resolution, on
    the tiles where the matte is soft; elsewhere F is the photo. Multi-level estimation (pymatting) comes a little
    nearer to the truth, but needs a compiler at run time.
    """
    height, width = rgb.shape[:2]
    scale = min(1, SMALL_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small_alpha = np.asarray(Image.fromarray(alpha).resize(size, Image.Resampling.BOX, reducing_gap=2.0))
    small_rgb = np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BOX, reducing_gap=2.0))
    small_f, small_b = _blur_fusion(small_rgb.astype(np.float32), small_alpha.astype(np.float32)[..., None] / 255)
    pictures = [Image.fromarray(np.clip(x + 0.5, 0, 255).astype(np.uint8)) for x in (small_f, small_b)]
    result = rgb.copy()
    for tile in soft_tiles(small_alpha, (width, height), MARGIN):
        here = tile.rows, tile.columns
        f, b = (np.asarray(p.resize(tile.size, Image.Resampling.BILINEAR, box=tile.box), np.float32) for p in pictures)
        a = alpha[here].astype(np.float32)[..., None] / 255
        f = _fuse(f, b, rgb[here], a)
        result[here] = np.clip(f + 0.5, 0, 255).astype(np.uint8)
    return result


def _fuse(f: np.ndarray, b: np.ndarray, image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Move F by what I = alpha F + (1 - alpha) B leaves unexplained, in proportion to alpha."""
    return f + alpha * (image - alpha * f - (1 - alpha) * b)


def _blur_fusion(image: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Estimates of F and B in 0..255, (h, w, 3), from (h, w, 3) and (h, w, 1)."""
    side = max(image.shape[:2])
    f, b = image, image
    for share in (FAR, NEAR):
        radius = max(1, round(side * share))
        f, b = _weighted_mean(f, alpha, radius), _weighted_mean(b, 1 - alpha, radius)
        f = np.clip(_fuse(f, b, image, alpha), 0, 255)
    return f, b


def _weighted_mean(x: np.ndarray, weight: np.ndarray, radius: int) -> np.ndarray:
    return box_mean(x * weight, radius) / (box_mean(weight, radius) + 1e-5)
