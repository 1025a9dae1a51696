"""A trimap that somebody drew: what is certainly background, what foreground, and what the network shall decide."""

import os
from pathlib import Path

import numpy as np
from PIL import Image

from pspm_runtime.errors import PhotoError
from pspm_runtime.files.photo import PhotoInput, open_photo

BACKGROUND, UNKNOWN, FOREGROUND = 0, 128, 255
# What other programs make of these values: 127, and the rounding of a colour profile.
TOLERANCE = 8

TrimapInput = PhotoInput


def open_trimap(trimap: TrimapInput, size: tuple[int, int], max_megapixels: float) -> Image.Image:
    """An L image of a photo's size, (width, height), of nothing but `BACKGROUND`, `UNKNOWN` and `FOREGROUND`.

    trimap: whatever a photo may be, and an (H, W) uint8 array. Raises PhotoError for another size and other values.
    """
    name = str(Path(trimap)) if isinstance(trimap, str | os.PathLike) else "the trimap"
    if isinstance(trimap, np.ndarray) and trimap.ndim == 2:
        trimap = np.repeat(trimap[..., None], 3, 2)
    photo = open_photo(trimap, max_megapixels)
    if photo.image.size != size:
        (w, h), (width, height) = photo.image.size, size
        raise PhotoError(
            f"{name} is {w}x{h} pixels and the photo {width}x{height}; draw the trimap at the photo's size"
        )
    if photo.transparency is not None and photo.transparency.getextrema() != (255, 255):
        raise PhotoError(f"{name} is transparent in part; paint background black, unknown grey and foreground white")
    return Image.fromarray(_settled(np.asarray(photo.image), name))


def fit_trimap(trimap: Image.Image, size: tuple[int, int]) -> np.ndarray:
    """A trimap at the (width, height) of a network's view: float32 (h, w) of -1 background, 0 unknown, 1 foreground.

    A pixel is known where all that it covers is.
    """
    background, foreground = (
        np.asarray(_mask(trimap, value).resize(size, Image.Resampling.BOX)) == 255 for value in (BACKGROUND, FOREGROUND)
    )
    return foreground.astype(np.float32) - background.astype(np.float32)


def keep_known_in_view(alpha: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Set the network's matte, float32 (h, w), to 0 and 1 in the known regions of a trimap from `fit_trimap`."""
    return np.where(known == 0, alpha, (known + 1) / 2).astype(np.float32)


def keep_known(matte: Image.Image, trimap: Image.Image) -> Image.Image:
    """Set a matte, an L image of the trimap's size, to 0 and 255 in the known regions of the trimap."""
    kept = matte.copy()
    for value in (BACKGROUND, FOREGROUND):
        kept.paste(value, mask=_mask(trimap, value))
    return kept


def _settled(rgb: np.ndarray, name: str) -> np.ndarray:
    """(H, W, 3) uint8 to (H, W) of the three values."""
    grey = rgb[..., 0]
    if (rgb != grey[..., None]).any():
        raise PhotoError(
            f"{name} is coloured; paint background black (0), unknown grey (128) and foreground white (255)"
        )
    settled = np.full(256, 1, np.uint8)
    for value in (BACKGROUND, UNKNOWN, FOREGROUND):
        settled[max(0, value - TOLERANCE) : value + TOLERANCE + 1] = value
    result: np.ndarray = settled[grey]
    if (result == 1).any():
        strange = int(grey[result == 1][0])
        raise PhotoError(
            f"{name} holds the value {strange}, which is neither background (0), unknown (128) nor foreground (255); "
            "save it as PNG, without smoothing"
        )
    return result


def _mask(trimap: Image.Image, value: int) -> Image.Image:
    """255 where the trimap has the value, else 0."""
    return trimap.point([255 if i == value else 0 for i in range(256)])
