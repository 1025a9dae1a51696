"""Merge looks: one matte of the photo's size, of the looks at its parts."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from pspm_runtime.looks.look import Box, Look
from pspm_runtime.stages.refine import Guide, refine, refine_to_16_bits

# Inside its box a look fades in over this share of the longer side, which is half of the space around a person.
FEATHER = 0.1
STRIP = 256


def merge(looks: Sequence[Look], image: Image.Image, guide: Guide = "luma") -> Image.Image:
    """Refine every look onto its part of a photo and merge them: an L image of the photo's size.

    looks: the first one is at the whole photo; each later one replaces what is in its box. image: the photo, RGB.
    guide: see `refine`.
    """
    first, *closer = looks
    matte = refine(first.alpha, first.view, image, guide)
    if not closer:
        return matte
    full = np.array(matte)
    for look in closer:
        part = np.asarray(refine(look.alpha, look.view, image.crop(look.box), guide))
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
