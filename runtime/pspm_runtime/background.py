"""A person cut out, and a person on another background."""

import re

import numpy as np
from PIL import Image

from pspm_runtime.errors import PspmError
from pspm_runtime.foreground import estimate_foreground
from pspm_runtime.photo import MAX_MEGAPIXELS, Photo, PhotoInput, open_photo

STRIP = 256


def cut_out(photo: Photo, alpha: np.ndarray) -> Image.Image:
    """RGBA with straight (not premultiplied) colours: the estimated foreground beside the matte, (H, W) uint8.

    Far from the person the colours are black, which costs nothing in a file; near the edge they go on outwards, so that
    resampling the cut-out shows no dark fringe.
    """
    foreground = estimate_foreground(photo.rgb, alpha)
    rgba = np.empty((*alpha.shape, 4), np.uint8)
    visible = Image.fromarray(alpha).reduce(_reach(alpha.shape)).resize(alpha.shape[::-1], Image.Resampling.BILINEAR)
    np.multiply(foreground, (np.asarray(visible) > 0)[..., None], out=rgba[..., :3])
    rgba[..., 3] = alpha
    return with_profile(Image.fromarray(rgba), photo)


def replace_background(
    photo: Photo, alpha: np.ndarray, background: PhotoInput | str, max_megapixels: float = MAX_MEGAPIXELS
) -> Image.Image:
    """RGB of the photo's size: the person over a colour ("#20a0ff") or over a picture.

    The picture covers the photo and is centre-cropped. alpha: (H, W) uint8.
    """
    foreground = estimate_foreground(photo.rgb, alpha)
    colour = parse_colour(background) if isinstance(background, str) else None
    if colour is not None:
        return with_profile(Image.fromarray(over_colour(foreground, alpha, colour)), photo)
    picture = Image.fromarray(open_photo(background, max_megapixels).rgb)
    return with_profile(Image.fromarray(over_picture(foreground, alpha, picture)), photo)


def parse_colour(text: str) -> tuple[int, int, int] | None:
    """"#rgb" or "#rrggbb" as 8-bit RGB, None for what does not begin with "#" (a path), an error for "#" and nonsense."""
    if not text.startswith("#"):
        return None
    digits = text[1:]
    if not re.fullmatch(r"[0-9a-fA-F]{3}|[0-9a-fA-F]{6}", digits):
        raise PspmError(f"{text} is not a colour; write it as #rrggbb, for example #20a0ff")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


def over_colour(foreground: np.ndarray, alpha: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """alpha F + (1 - alpha) B for one colour B, (H, W, 3) uint8."""
    return over_picture(foreground, alpha, Image.new("RGB", (1, 1), colour))


def over_picture(foreground: np.ndarray, alpha: np.ndarray, picture: Image.Image) -> np.ndarray:
    """alpha F + (1 - alpha) B, (H, W, 3) uint8, strip by strip to bound the memory; B covers the whole."""
    height, width = alpha.shape
    left, top, right, bottom = cover_box(picture.size, (width, height))
    result = np.empty_like(foreground)
    for y in range(0, height, STRIP):
        rows = slice(y, min(y + STRIP, height))
        strip = left, top + (bottom - top) * rows.start / height, right, top + (bottom - top) * rows.stop / height
        behind = picture.resize((width, rows.stop - rows.start), Image.Resampling.BICUBIC, box=strip)
        person, mask = Image.fromarray(foreground[rows]), Image.fromarray(alpha[rows])
        result[rows] = np.asarray(Image.composite(person, behind, mask))
    return result


def cover_box(picture: tuple[int, int], frame: tuple[int, int]) -> tuple[float, float, float, float]:
    """The centred part of a (width, height) picture that has the frame's aspect ratio: left, top, right, bottom."""
    scale = min(picture[0] / frame[0], picture[1] / frame[1])
    width, height = frame[0] * scale, frame[1] * scale
    left, top = (picture[0] - width) / 2, (picture[1] - height) / 2
    return left, top, left + width, top + height


def with_profile(image: Image.Image, photo: Photo) -> Image.Image:
    """The image, carrying the photo's colour profile to wherever it is saved."""
    if photo.icc_profile:
        image.info["icc_profile"] = photo.icc_profile
    return image


def _reach(shape: tuple[int, ...]) -> int:
    """How far the colours go on beyond the matte, in pixels."""
    return max(1, max(shape) // 128)
