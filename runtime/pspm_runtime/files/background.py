"""Read a new background: a picture, or a colour."""

import re

from PIL import Image

from pspm_runtime.errors import PspmError
from pspm_runtime.files.photo import MAX_MEGAPIXELS, Photo, PhotoInput, open_photo


def open_background(background: PhotoInput | Photo, max_megapixels: float = MAX_MEGAPIXELS) -> Photo:
    """Read a background as an opaque photo: a colour ("#20a0ff", in sRGB) becomes one of a single pixel.

    Transparent parts of a picture are composited over white.
    """
    colour = parse_colour(background) if isinstance(background, str) else None
    if colour:
        return Photo(Image.new("RGB", (1, 1), colour))
    photo = open_photo(background, max_megapixels)
    return Photo(photo.over_white(), None, photo.icc_profile)


def parse_colour(text: str) -> tuple[int, int, int] | None:
    """Parse "#rgb" or "#rrggbb" to 8-bit RGB. Returns None for text without "#", which is a path.

    Raises PspmError for "#" without 3 or 6 hexadecimal digits.
    """
    if not text.startswith("#"):
        return None
    digits = text[1:]
    if not re.fullmatch(r"[0-9a-fA-F]{3}|[0-9a-fA-F]{6}", digits):
        raise PspmError(f"{text} is not a colour; write it as #rrggbb, for example #20a0ff")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue
