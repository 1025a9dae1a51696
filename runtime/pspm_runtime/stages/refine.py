"""Refine the matte: edge-aware upsampling from the size of the view to the size of the photo."""

from collections.abc import Iterator
from typing import Literal

import numpy as np
from PIL import Image

from pspm_runtime.constants import EPSILON, EPSILON_OF_COLOURS, GUIDE_RADIUS, HAZE, REFINE_MARGIN
from pspm_runtime.stages.box_filter import box_mean
from pspm_runtime.stages.enlarge import Enlarged
from pspm_runtime.stages.soft_tiles import Tile, opaque_tiles, soft_cells, tiles

# What of the photo the matte follows: its luma, or all three colours, which see edges between colours of equal luma.
Guide = Literal["luma", "colours"]


def refine(alpha: np.ndarray, view: Image.Image, image: Image.Image, guide: Guide = "luma") -> Image.Image:
    """Upsample the network's matte to the photo: an L image of the photo's size.

    alpha: (h, w) float32 in [0, 1]. view: the photo at the size of alpha, (w, h). image: the photo, RGB.
    A guided filter (He and Sun, "Fast guided filter", 2015) on the small grid gives the slope by which the matte
    follows the photo's luma in each window. The matte is interpolated, and the detail that interpolation removed from
    the luma is added back times the slope, so that edges fall where the photo has them. The guided filter's own output
    is smoothed and would lose more than it gains. Only soft tiles are refined. A photo that is not larger than its
    view gets a plainly interpolated matte. With the guide "colours" there is a slope for each of the three colours
    (He, Sun and Tang, "Guided image filtering", 2013, eq. 14).
    """
    alpha = settle(alpha)
    small = to_8_bit(alpha)
    if not _is_larger(image, view):
        return Image.fromarray(small).resize(image.size, Image.Resampling.BILINEAR)
    soft = soft_cells(small, REFINE_MARGIN)
    full = flat_parts(small, soft, image.size)
    for (left, top, right, bottom), values in _refined_tiles(alpha, view, image, soft, guide):
        full[top:bottom, left:right] = np.clip(values, 0, 255, out=values)
    return Image.fromarray(full)


def refine_to_16_bits(alpha: np.ndarray, view: Image.Image, image: Image.Image, guide: Guide = "luma") -> np.ndarray:
    """Do what `refine` does, with 65,536 levels: uint16 (H, W). Rounded to 8 bits it equals that within a level."""
    alpha = settle(alpha)
    if not _is_larger(image, view):
        return to_16_bits(np.asarray(Image.fromarray(alpha).resize(image.size, Image.Resampling.BILINEAR)) * 255)
    small = to_8_bit(alpha)
    soft = soft_cells(small, REFINE_MARGIN)
    full = flat_parts(small, soft, image.size) * np.uint16(257)
    for (left, top, right, bottom), values in _refined_tiles(alpha, view, image, soft, guide):
        full[top:bottom, left:right] = to_16_bits(values - np.float32(0.5))
    return full


def to_16_bits(levels: np.ndarray) -> np.ndarray:
    """Convert 0..255 with fractions to 0..65535, rounded and clamped: uint16."""
    return (np.clip(levels, 0, 255) * 257 + 0.5).astype(np.uint16)


def _is_larger(image: Image.Image, view: Image.Image) -> bool:
    return image.width * image.height > view.width * view.height


def _refined_tiles(
    alpha: np.ndarray, view: Image.Image, image: Image.Image, soft: np.ndarray, guide: Guide
) -> Iterator[tuple[Tile, np.ndarray]]:
    """Yield the tiles of soft cells with their refined matte: float32 in 0..255, plus one half, not clamped.

    The half is there because numpy truncates when it converts floats to 8 bits.
    """
    if guide == "luma":
        mode, (slope, offset) = "L", linear_models(luma(view), alpha)
        slopes = slope[None]
    else:
        mode, (slopes, offset) = "RGB", colour_models(np.asarray(view, np.float32).transpose(2, 0, 1) / 255, alpha)
    offset = offset * 255 + np.float32(0.5)
    models = Enlarged(np.stack([_at_most(x, image.size) for x in (*slopes, offset)]), image.size, down=1)
    for tile in tiles(soft, alpha.shape, image.size):
        *parts, matte = models.crop(tile)
        for part, channel in zip(parts, image.crop(tile).convert(mode).split(), strict=True):
            part *= np.asarray(channel)
            matte += part
        yield tile, matte


def flat_parts(small: np.ndarray, soft: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The small matte at a (width, height) outside its soft cells, where it is flat: any interpolation is equal."""
    width, height = size
    if width < small.shape[1] or height < small.shape[0]:  # cells may be thinner than a pixel
        return np.array(Image.fromarray(small).resize(size, Image.Resampling.NEAREST))
    full = np.zeros((height, width), np.uint8)
    for left, top, right, bottom in opaque_tiles(small, soft, size):
        full[top:bottom, left:right] = 255
    return full


def _at_most(model: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Shrink a plane where it is longer than a (width, height): the photo may be narrower than its view, or lower."""
    fitting = min(model.shape[1], size[0]), min(model.shape[0], size[1])
    return np.asarray(Image.fromarray(model).resize(fitting, Image.Resampling.BILINEAR))


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
    mean_guide, mean_alpha = box_mean(guide, GUIDE_RADIUS), box_mean(alpha, GUIDE_RADIUS)
    slope = box_mean(guide * alpha, GUIDE_RADIUS)
    slope -= mean_guide * mean_alpha
    variance = box_mean(guide * guide, GUIDE_RADIUS)
    variance -= np.square(mean_guide, out=mean_guide)
    variance += EPSILON
    slope /= variance
    slope = box_mean(slope, GUIDE_RADIUS)
    return slope, alpha - slope * guide


def colour_models(guide: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Do what `linear_models` does with a guide of three colours: slopes (3, h, w) and offset (h, w).

    guide: float32 (3, h, w). alpha: float32 (h, w). alpha = sum of slopes * guide + offset holds exactly at every
    pixel.
    """
    means = box_mean(guide, GUIDE_RADIUS)
    covariance = box_mean(guide * alpha, GUIDE_RADIUS) - means * box_mean(alpha, GUIDE_RADIUS)
    rr, rg, rb, gg, gb, bb = (
        box_mean(guide[i] * guide[j], GUIDE_RADIUS) - means[i] * means[j] + np.float32(EPSILON_OF_COLOURS * (i == j))
        for i, j in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
    )
    # Elimination, as for any symmetric matrix with positive eigenvalues; an inverse by its adjugate would lose digits.
    g_by_r, b_by_r = rg / rr, rb / rr
    gg -= g_by_r * rg
    gb -= b_by_r * rg
    b_by_g = gb / gg
    bb -= b_by_r * rb + b_by_g * gb
    r, g, b = covariance
    g -= g_by_r * r
    b -= b_by_r * r + b_by_g * g
    b /= bb
    g /= gg
    g -= b_by_g * b
    r /= rr
    r -= g_by_r * g + b_by_r * b
    slopes = box_mean(covariance, GUIDE_RADIUS)
    return slopes, alpha - (slopes * guide).sum(0)
