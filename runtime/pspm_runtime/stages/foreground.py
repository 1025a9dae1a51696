"""Estimate the foreground colours, so that hair on a new background does not show the old one."""

from collections.abc import Iterator

import numpy as np
from PIL import Image

from pspm_runtime.constants import FAR, FOREGROUND_MARGIN, FOREGROUND_SIDE, LEAST_WINDOW_WEIGHT, NEAR, REDUCING_GAP
from pspm_runtime.stages.box_filter import box_mean
from pspm_runtime.stages.enlarge import Enlarged
from pspm_runtime.stages.soft_tiles import Tile, soft_cells, soft_tiles, strips

# For frames. Foreground colours vary slowly, and a frame is shown for a moment only: a coarser grid is enough.
FRAME_SIDE = 192
# On coarser grids, for frames, which are hardly ever resampled again: a smaller margin, and fewer and larger tiles.
NARROW = 1
ROWS, GAP = 3, 2

_IN_128THS = np.round(np.arange(256) * (128 / 255)).astype(np.int16)


def estimate_foreground(image: Image.Image, alpha: Image.Image, grid: int = FOREGROUND_SIDE) -> Image.Image:
    """Estimate the foreground F of I = alpha F + (1 - alpha) B with blur fusion: RGB of the photo's size.

    image: the photo I, RGB. alpha: its matte, L, of the same size. grid: longer side of the small copy.
    Blur fusion (Forte, "Approximate fast foreground colour estimation", 2021) runs in two passes: F and B are weighted
    means of the photo over a wide and then a narrow window, and F is corrected so that the equation holds. F and B vary
    slowly, so both are estimated on a small copy. Only the last correction runs at the photo's resolution, on soft
    tiles; elsewhere F is the photo. Multi-level estimation (Germer et al., 2020; pymatting) was 2 % closer to the true
    colours of studio cut-outs, but needs a compiler at run time.
    """
    result = image.copy()
    for tile, colours in foreground_tiles(image, alpha, grid):
        result.paste(colours, tile)
    return result


def foreground_tiles(
    image: Image.Image, alpha: Image.Image, grid: int = FOREGROUND_SIDE
) -> Iterator[tuple[Tile, Image.Image]]:
    """The parts of `estimate_foreground` that differ from the photo: tiles of it, and their RGB."""
    size = _fitting(image.size, grid)
    small, small_alpha = (x.resize(size, Image.Resampling.BOX, reducing_gap=REDUCING_GAP) for x in (image, alpha))
    estimates = [
        Enlarged(x.astype(np.int16), image.size) for x in _blur_fusion(planes(small), planes(small_alpha) / 255)
    ]
    for tile in _tiles(alpha, small_alpha, grid):
        f, b = (x.crop(tile) for x in estimates)
        yield tile, _fuse_8_bit(f, b, image.crop(tile), alpha.crop(tile))


def _tiles(alpha: Image.Image, small: Image.Image, grid: int) -> Iterator[Tile]:
    """The parts of a photo that a fine foreground is estimated for. small: its matte at the grid's size."""
    if grid >= FOREGROUND_SIDE:
        return soft_tiles(np.asarray(small), alpha.size, FOREGROUND_MARGIN)
    # A coarser grid has larger cells around the same soft pixels.
    fine = np.asarray(
        alpha.resize(_fitting(alpha.size, FOREGROUND_SIDE), Image.Resampling.BOX, reducing_gap=REDUCING_GAP)
    )
    return strips(soft_cells(fine, NARROW), fine.shape, alpha.size, ROWS, GAP)


def _fitting(size: tuple[int, int], grid: int) -> tuple[int, int]:
    """The (width, height) of a small copy whose longer side is `grid`, or of the photo itself if that is smaller."""
    scale = min(1, grid / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def planes(image: Image.Image) -> np.ndarray:
    """Convert an L or RGB image to float32 (1 or 3, H, W) in 0..255."""
    pixels = np.asarray(image)
    return np.ascontiguousarray(np.atleast_3d(pixels).transpose(2, 0, 1), np.float32)


def _interleaved(x: np.ndarray) -> np.ndarray:
    """Convert (3, H, W) in about 0..255 to (H, W, 3) uint8."""
    return np.ascontiguousarray((np.clip(x, 0, 255) + 0.5).astype(np.uint8).transpose(1, 2, 0))


def _fuse(f: np.ndarray, b: np.ndarray, image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Correct F by alpha times the residual of I = alpha F + (1 - alpha) B."""
    return f + alpha * (image - alpha * f - (1 - alpha) * b)


def _fuse_8_bit(f: np.ndarray, b: np.ndarray, image: Image.Image, alpha: Image.Image) -> Image.Image:
    """`_fuse` in 16-bit integers, which just hold alpha in 128ths times a difference of colours.

    f, b: (H, W, 3) int16, 0..255. image: RGB; alpha: L, of the same size.
    """
    opacity = np.asarray(alpha)[..., None]
    # First f minus the colour that f, b and alpha explain, rounded: x * 257 / 65536 is x / 255.
    explained = np.subtract(f, b, dtype=np.int32)
    explained *= 255 - opacity.astype(np.int32)
    explained *= 257
    explained += 32768
    explained >>= 16
    moved = explained.astype(np.int16)
    moved -= f
    moved += np.asarray(image)
    moved *= _IN_128THS[opacity]
    moved += 64
    moved >>= 7
    moved += f
    return Image.fromarray(np.clip(moved, 0, 255, out=moved).astype(np.uint8))


def _blur_fusion(image: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Estimate F and B, (h, w, 3) uint8, of an image, (3, h, w) in 0..255, and its alpha, (1, h, w) in [0, 1]."""
    side = max(image.shape)
    f, b = image, image
    for share in (FAR, NEAR):
        radius = max(1, round(side * share))
        f, b = _weighted_mean(f, alpha, radius), _weighted_mean(b, 1 - alpha, radius)
        f = np.clip(_fuse(f, b, image, alpha), 0, 255)
    return _interleaved(f), _interleaved(b)


def _weighted_mean(x: np.ndarray, weight: np.ndarray, radius: int) -> np.ndarray:
    means = box_mean(np.concatenate([x * weight, weight]), radius)
    return means[:-1] / np.maximum(means[-1:], LEAST_WINDOW_WEIGHT)
