"""Merge looks: one matte of the photo's size, of the looks at its parts."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from PIL import Image

from pspm_runtime.constants import FEATHER
from pspm_runtime.looks.look import Box, Look
from pspm_runtime.stages.refine import Guide, refine, refine_to_16_bits

Refine = Callable[[np.ndarray, Image.Image, Image.Image], Image.Image]

STRIP = 256


def merge(
    looks: Sequence[Look], image: Image.Image, guide: Guide = "luma", refined: Refine | None = None
) -> Image.Image:
    """Refine every look onto its part of a photo and merge them: an L image of the photo's size.

    looks: the first one is at the whole photo; each later one replaces what is in its box. image: the photo, RGB.
    guide: see `refine`. refined: makes the matte of an alpha, its view and its picture, instead of `refine`.
    """
    first, *closer = looks
    refined = refined or partial(refine, guide=guide)
    matte = refined(first.alpha, first.view, image)
    if not closer:
        return matte
    full = np.array(matte)
    for look in closer:
        part = np.asarray(refined(look.alpha, look.view, image.crop(look.box)))
        _lay(full, part, look.box)
    return Image.fromarray(full)


def merge_to_16_bits(looks: Sequence[Look], image: Image.Image, guide: Guide = "luma") -> np.ndarray:
    """Do what `merge` does, with 65,536 levels: uint16 (H, W). Rounded to 8 bits it equals that within a level."""
    first, *closer = looks
    full = refine_to_16_bits(first.alpha, first.view, image, guide)
    for look in closer:
        _lay(full, refine_to_16_bits(look.alpha, look.view, image.crop(look.box), guide), look.box)
    return full


def _lay(full: np.ndarray, part: np.ndarray, box: Box) -> None:
    """Lay the matte of a part into that of the photo, in place. Both are uint8 or uint16."""
    left, top, right, bottom = box
    across, down = weights(box, (full.shape[1], full.shape[0]))
    for start in range(0, bottom - top, STRIP):
        rows = slice(start, min(start + STRIP, bottom - top))
        weight = (down[rows, None] * across + 127) // 255
        under = full[top + rows.start : top + rows.stop, left:right]
        under[:] = (under * (255 - weight) + part[rows] * weight + 127) // 255


def within_box(look: Look, box: Box, around: np.ndarray) -> np.ndarray:
    """The matte of a box, float32 (h, w), of a look at another one: what both show is the look's.

    box: of the same photo. around: what it is elsewhere, (h, w).
    """
    (left, top, right, bottom), (height, width) = box, around.shape
    across, down = width / (right - left), height / (bottom - top)
    # Pixels whose middle is in both.
    columns = slice(max(0, round((look.box[0] - left) * across)), min(width, round((look.box[2] - left) * across)))
    rows = slice(max(0, round((look.box[1] - top) * down)), min(height, round((look.box[3] - top) * down)))
    result = around.copy()
    if columns.start >= columns.stop or rows.start >= rows.stop:
        return result
    in_look = (left - look.box[0]) + np.array([columns.start, columns.stop]) / across
    in_look_down = (top - look.box[1]) + np.array([rows.start, rows.stop]) / down
    x = np.clip(in_look * look.alpha.shape[1] / (look.box[2] - look.box[0]), 0, look.alpha.shape[1])
    y = np.clip(in_look_down * look.alpha.shape[0] / (look.box[3] - look.box[1]), 0, look.alpha.shape[0])
    size = columns.stop - columns.start, rows.stop - rows.start
    part = Image.fromarray(look.alpha).resize(size, Image.Resampling.BILINEAR, (x[0], y[0], x[1], y[1]))
    result[rows, columns] = np.asarray(part)
    return result


def weights(box: Box, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Weights of a look along the width and along the height of its box: uint32, 0 to 255; their product counts.

    size: (width, height) of the photo. They rise from each edge of the box that is not an edge of the photo.
    """
    left, top, right, bottom = box
    reach = max(1, round(FEATHER * max(right - left, bottom - top)))
    return (
        _rising(right - left, reach, from_start=left > 0, from_stop=right < size[0]),
        _rising(bottom - top, reach, from_start=top > 0, from_stop=bottom < size[1]),
    )


def _rising(length: int, reach: int, *, from_start: bool, from_stop: bool) -> np.ndarray:
    place = np.arange(length, dtype=np.uint32)
    weight = np.full(length, 255, np.uint32)
    for rises, distance in ((from_start, place), (from_stop, place[::-1])):
        if rises:
            weight = np.minimum(weight, (2 * distance + 1) * 255 // (2 * reach))
    return weight
