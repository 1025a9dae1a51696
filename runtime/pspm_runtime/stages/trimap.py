"""Trimaps: known background, known foreground, and the unknown region, where the network decides."""

import os

import numpy as np
from PIL import Image

from pspm_runtime.errors import PhotoError
from pspm_runtime.files.photo import PhotoInput, open_picture, path_text

BACKGROUND, UNKNOWN, FOREGROUND = 0, 128, 255
# JPEG and colour profiles move black and white by a few levels.
TOLERANCE = 8

TrimapInput = PhotoInput


def open_trimap(trimap: TrimapInput, size: tuple[int, int], max_megapixels: float) -> Image.Image:
    """Read a trimap: an L image that holds only `BACKGROUND`, `UNKNOWN` and `FOREGROUND`.

    Black is background and white foreground, give or take `TOLERANCE`; every grey between is unknown, so a trimap of
    five levels and a soft matte are trimaps too.
    trimap: anything that `open_photo` reads, or an (H, W) or (H, W, 1) uint8 array. size: (width, height) of the photo.
    Raises PhotoError for another size, for colours, for class numbers and masks of 0 and 1, and where nothing is known.
    """
    name = path_text(trimap, "trimap") if isinstance(trimap, str | os.PathLike) else "the trimap"
    if isinstance(trimap, np.ndarray) and not isinstance(trimap, np.ma.MaskedArray):
        if trimap.ndim == 2:
            trimap = np.asarray(trimap)[..., None]
        if trimap.ndim == 3 and trimap.shape[2] == 1:
            trimap = np.repeat(np.asarray(trimap), 3, 2)
    photo = open_picture(trimap, max_megapixels, "trimap")
    if photo.image.size != size:
        (w, h), (width, height) = photo.image.size, size
        raise PhotoError(
            f"{name} has {w}x{h} pixels, but the photo has {width}x{height}; draw the trimap at the photo's size"
        )
    if photo.transparency is not None and photo.transparency.getextrema() != (255, 255):
        raise PhotoError(f"{name} has transparent pixels; paint background black, unknown grey and foreground white")
    return Image.fromarray(_snap(np.asarray(photo.image), name))


def fit_trimap(trimap: Image.Image, size: tuple[int, int]) -> np.ndarray:
    """Resize a trimap to the view: float32 (h, w), -1 background, 0 unknown, 1 foreground.

    size: (width, height) of the view. A pixel is known if all pixels that it covers are known and alike.
    """
    background, foreground = (
        np.asarray(_mask(trimap, value).resize(size, Image.Resampling.BOX)) == 255 for value in (BACKGROUND, FOREGROUND)
    )
    return foreground.astype(np.float32) - background.astype(np.float32)


def reduce_trimap(trimap: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Resize a trimap, L of three values, to (width, height): known as in `fit_trimap`."""
    smaller = Image.new("L", size, UNKNOWN)
    for value in (BACKGROUND, FOREGROUND):
        known = _mask(trimap, value).resize(size, Image.Resampling.BOX)
        smaller.paste(value, mask=_mask(known, 255))
    return smaller


def keep_known_in_view(alpha: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Set the network's matte, float32 (h, w), to 0 and 1 in the known regions of a trimap from `fit_trimap`."""
    return np.where(known == 0, alpha, (known + 1) / 2).astype(np.float32)


def keep_known(matte: Image.Image, trimap: Image.Image) -> Image.Image:
    """Set a matte, an L image of the trimap's size, to 0 and 255 in the known regions of the trimap."""
    kept = matte.copy()
    for value in (BACKGROUND, FOREGROUND):
        kept.paste(value, mask=_mask(trimap, value))
    return kept


def keep_known_16_bits(matte: np.ndarray, trimap: Image.Image) -> np.ndarray:
    """Do what `keep_known` does to a matte with 16 bits, uint16 (H, W), in place."""
    drawn = np.asarray(trimap)
    matte[drawn == BACKGROUND] = 0
    matte[drawn == FOREGROUND] = 65535
    return matte


def _snap(rgb: np.ndarray, name: str) -> np.ndarray:
    """The three values, (H, W), of (H, W, 3) uint8."""
    grey = rgb[..., 0]
    if (rgb != grey[..., None]).any():
        raise PhotoError(
            f"{name} has colours; paint background black (0), unknown grey (128) and foreground white (255)"
        )
    largest = int(grey.max())
    if 0 < largest <= TOLERANCE:
        raise PhotoError(
            f"{name} holds only values from 0 to {largest}, as class numbers do; "
            "write background as 0, unknown as 128 and foreground as 255"
        )
    snapped = np.full(256, UNKNOWN, np.uint8)
    snapped[: BACKGROUND + TOLERANCE + 1], snapped[FOREGROUND - TOLERANCE :] = BACKGROUND, FOREGROUND
    result: np.ndarray = snapped[grey]
    if (result == UNKNOWN).all():
        raise PhotoError(
            f"{name} is unknown everywhere; paint background black (0) and foreground white (255), or leave it out"
        )
    return result


def _mask(trimap: Image.Image, value: int) -> Image.Image:
    """Mask of 255 where the trimap has the value, else 0."""
    return trimap.point([255 if i == value else 0 for i in range(256)])
