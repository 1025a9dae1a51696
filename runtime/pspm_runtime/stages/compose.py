"""A person cut out, and a person on another background."""

import re

from PIL import Image, ImageFilter

from pspm_runtime.errors import PspmError
from pspm_runtime.files.photo import MAX_MEGAPIXELS, Photo, PhotoInput, open_photo
from pspm_runtime.stages.foreground import estimate_foreground

STRIP = 256


def cut_out(photo: Photo, alpha: Image.Image) -> Image.Image:
    """RGBA with straight (not premultiplied) colours: the estimated foreground beside the matte (L).

    Far from the person the colours are black, which costs nothing in a file; near the edge they go on outwards, so that
    resampling the cut-out shows no dark fringe.
    """
    result = estimate_foreground(photo.image, alpha)
    reach = max(1, max(alpha.size) // 128)
    hidden = alpha.reduce(reach).filter(ImageFilter.MaxFilter(3)).point([255] + 255 * [0])
    part = 0, 0, alpha.width / reach, alpha.height / reach
    result.paste("black", mask=hidden.resize(alpha.size, Image.Resampling.NEAREST, box=part))
    result.putalpha(alpha)
    return with_profile(result, photo)


def replace_background(photo: Photo, alpha: Image.Image, picture: Image.Image) -> Image.Image:
    """RGB of the photo's size: the person over an RGB picture, which covers the photo and is centre-cropped.

    alpha: L, of the photo's size. A plain colour is a picture of one pixel, see `open_background`.
    """
    result = estimate_foreground(photo.image, alpha)
    lay_over(result, alpha, picture)
    return with_profile(result, photo)


def open_background(background: PhotoInput, max_megapixels: float = MAX_MEGAPIXELS) -> Image.Image:
    """A colour ("#20a0ff") as a picture of one pixel, anything else as the photo that it is; RGB."""
    colour = parse_colour(background) if isinstance(background, str) else None
    return Image.new("RGB", (1, 1), colour) if colour else open_photo(background, max_megapixels).image


def parse_colour(text: str) -> tuple[int, int, int] | None:
    """8-bit RGB of "#rgb" or "#rrggbb"; None for what does not begin with "#" and so is a path.

    Raises PspmError for "#" and nonsense.
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


def lay_over(foreground: Image.Image, alpha: Image.Image, picture: Image.Image) -> None:
    """Turn F into alpha F + (1 - alpha) B in place, strip by strip to bound the memory; B covers the whole."""
    width, height = foreground.size
    left, top, right, bottom = cover_box(picture.size, (width, height))
    for y in range(0, height, STRIP):
        place = 0, y, width, min(y + STRIP, height)
        # Rounding may carry the last strip an ulp beyond the picture, which Pillow refuses.
        stop = min(bottom, top + (bottom - top) * place[3] / height)
        box = left, top + (bottom - top) * y / height, right, stop
        behind = picture.resize((width, place[3] - y), Image.Resampling.BICUBIC, box=box)
        foreground.paste(Image.composite(foreground.crop(place), behind, alpha.crop(place)), place)


def cover_box(picture: tuple[int, int], frame: tuple[int, int]) -> tuple[float, float, float, float]:
    """The centred part of a (width, height) picture that has the frame's aspect ratio: left, top, right, bottom."""
    scale = min(picture[0] / frame[0], picture[1] / frame[1])
    width, height = min(picture[0], frame[0] * scale), min(picture[1], frame[1] * scale)
    left, top = (picture[0] - width) / 2, (picture[1] - height) / 2
    return left, top, min(picture[0], left + width), min(picture[1], top + height)


def with_profile(image: Image.Image, photo: Photo) -> Image.Image:
    """The image, carrying the photo's colour profile to wherever it is saved."""
    if photo.icc_profile:
        image.info["icc_profile"] = photo.icc_profile
    return image
