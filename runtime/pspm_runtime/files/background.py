"""Read a new background: a picture, or a colour."""

import re
from typing import Any

import numpy as np
from PIL import Image, ImageColor

from pspm_runtime.arguments import shown
from pspm_runtime.errors import PspmError
from pspm_runtime.files.photo import MAX_MEGAPIXELS, Photo, PhotoInput, open_picture

Colour = tuple[int, int, int]


def open_background(background: PhotoInput | Photo | Colour, max_megapixels: float = MAX_MEGAPIXELS) -> Photo:
    """Read a background as an opaque photo; an sRGB colour, see `parse_colour`, becomes one of a single pixel.

    Transparent parts of a picture are composited over white.
    """
    given: Any = background
    colour = parse_colour(given) if _may_be_colour(given) else None
    if colour:
        return Photo(Image.new("RGB", (1, 1), colour))
    photo = open_picture(given, max_megapixels, "background")
    return Photo(photo.over_white(), None, photo.icc_profile)


def _may_be_colour(background: Any) -> bool:
    """Whether it is text, or one row of numbers."""
    return isinstance(background, str | tuple | list) or (isinstance(background, np.ndarray) and background.ndim == 1)


def parse_colour(colour: str | Colour) -> Colour | None:
    """Parse "#rgb", "#rrggbb", a CSS name such as "white", or three numbers, to 8-bit RGB.

    Returns None for other text, which is a path; "./white" is a file of that name. Raises PspmError for "#" without 3
    or 6 hexadecimal digits, and for anything but three whole numbers from 0 to 255.
    """
    if not isinstance(colour, str):
        return _check_numbers(colour)
    text = colour
    if not text.startswith("#"):
        named = ImageColor.colormap.get(text.lower())
        return None if named is None else parse_colour(named if isinstance(named, str) else named[:3])
    digits = text[1:]
    if not re.fullmatch(r"[0-9a-fA-F]{3}|[0-9a-fA-F]{6}", digits):
        raise PspmError(f"{shown(text)} is not a colour; write it as #rrggbb, for example #20a0ff")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


def _check_numbers(colour: Any) -> Colour:
    whole = [isinstance(number, int | np.integer) and not isinstance(number, bool) for number in colour]
    if len(whole) != 3 or not all(whole) or not all(0 <= number <= 255 for number in colour):
        raise PspmError(f"{shown(colour)} is not a colour; give three whole numbers from 0 to 255")
    red, green, blue = map(int, colour)
    return red, green, blue
