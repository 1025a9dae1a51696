"""Bokeh: blur the background as a lens with a wide aperture does, behind a sharp person."""

from functools import lru_cache

import numpy as np
from PIL import Image

from pspm_runtime.arguments import as_number, shown
from pspm_runtime.colour.profiles import linear_light
from pspm_runtime.constants import (
    FOREGROUND_SIDE,
    HIGHLIGHT_GAIN,
    HIGHLIGHT_KNEE,
    LARGEST_RADIUS,
    LEAST,
    SMALLEST_RADIUS,
    SOFT_ALPHA,
    SOFT_SHARE,
    WORKING_RADIUS,
)
from pspm_runtime.errors import PspmError
from pspm_runtime.files.photo import Photo
from pspm_runtime.stages.background_fill import fill_background
from pspm_runtime.stages.compose import STRIP, compose, with_profile
from pspm_runtime.stages.own_transparency import own_foreground

_CODES = np.arange(256) / 255


@lru_cache(maxsize=8)
def light_of_codes(profile: bytes | None) -> np.ndarray:
    """Light of the 256 codes of a colour profile, None for sRGB: float32, 1 at white without the boost of highlights.

    Highlights were brighter than the white they were clipped to, so the brightest codes get more light than the
    profile gives them, which lets a small highlight bloom into a disc. `to_codes` inverts this curve, so an even sky
    does not change.
    """
    boost = HIGHLIGHT_GAIN * np.clip((_CODES - HIGHLIGHT_KNEE) / (1 - HIGHLIGHT_KNEE), 0, 1) ** 2
    return (linear_light(profile) * (1 + boost)).astype(np.float32)


LIGHT = light_of_codes(None)
# Weight of each alpha code as background. Pixels with a share of the person do not have the background's colour, so
# they count only where there is nothing else.
BACKGROUND_WEIGHT = ((1 - _CODES) * np.where(_CODES > SOFT_ALPHA, SOFT_SHARE, 1)).astype(np.float32)


def blur_background(photo: Photo, alpha: Image.Image, strength: float, grid: int = FOREGROUND_SIDE) -> Image.Image:
    """Blur the background of a photo: RGB of the photo's size.

    alpha: L, of the photo's size. strength: 0 leaves the photo unchanged, 1 blurs with a disc whose radius is 3.5 % of
    the longer side. Transparent parts of the photo are over white. The disc averages background pixels in linear
    light of the photo's colour space and gives almost no weight to pixels with a share of the person, so the person
    neither bleeds into the background nor leaves a halo. The estimated foreground is composed with the result; grid is
    that of `estimate_foreground`.
    """
    strength = check_strength(strength)
    radius = strength * LARGEST_RADIUS * max(alpha.size)
    if radius < SMALLEST_RADIUS:
        return with_profile(photo.over_white().copy(), photo)
    reduction = max(1.0, radius / WORKING_RADIUS)
    size = max(1, round(alpha.width / reduction)), max(1, round(alpha.height / reduction))
    curve = light_of_codes(photo.icc_profile)
    light, weight = _background_light(photo.over_white(), alpha, size, curve)
    blurred = Image.fromarray(to_codes(disc_blur(light, weight, radius / reduction), curve))
    result = own_foreground(photo, alpha, grid)
    compose(result, alpha, blurred)
    return with_profile(result, photo)


def check_strength(strength: float) -> float:
    """The strength in double precision. Raises PspmError unless it is from 0 to 1."""
    number = as_number(strength)
    if number is None:
        raise PspmError(f"a blur strength cannot be {shown(strength)}; choose a number from 0 to 1")
    if not 0 <= number <= 1:
        raise PspmError(f"a blur strength of {number:g} is out of range; choose one from 0 to 1")
    return number


def _background_light(
    image: Image.Image, alpha: Image.Image, size: tuple[int, int], curve: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Light of the background, premultiplied by its weight, and the weight, both reduced to (width, height).

    Returns (3, height, width) and (1, height, width). Works in strips at full resolution, because the mean must be
    taken of light, not of codes. curve: light of each code.
    """
    width, height = size
    sums = np.empty((4, height, width), np.float32)
    scale = alpha.height / height
    strip = max(1, int(STRIP / scale))
    for y in range(0, height, strip):
        stop = min(y + strip, height)
        top, bottom = int(y * scale), min(alpha.height, int(np.ceil(stop * scale)))
        place = 0, top, alpha.width, bottom
        share = BACKGROUND_WEIGHT[np.asarray(alpha.crop(place))]
        light = curve[np.asarray(image.crop(place))]
        box = 0, y * scale - top, alpha.width, min(stop * scale - top, bottom - top)
        for plane, total in zip((*(light[..., c] * share for c in range(3)), share), sums, strict=True):
            total[y:stop] = np.asarray(Image.fromarray(plane).resize((width, stop - y), Image.Resampling.BOX, box=box))
    return sums[:3], sums[3:]


def disc_blur(light: np.ndarray, weight: np.ndarray, radius: float) -> np.ndarray:
    """Weighted mean of light over a disc: float32 (3, H, W).

    light: premultiplied, (3, H, W). weight: of each pixel, (1, H, W). radius: in pixels. Where the weights in the disc
    sum to less than LEAST of its area, which happens inside the person, `fill_background` supplies what is missing, so
    there is no seam.
    """
    disc = _disc_sum(np.concatenate([light, weight]), radius)
    least = np.float32(LEAST * np.pi * (radius + 0.5) ** 2)
    lacking = np.maximum(least - disc[3:], 0)
    return (disc[:3] + lacking * fill_background(light, weight)) / np.maximum(disc[3:], least)


def _disc_sum(x: np.ndarray, radius: float) -> np.ndarray:
    """Sum of (C, H, W) over a disc with soft borders: one horizontal run per row of the disc, from running sums."""
    channels, height, width = x.shape
    reach = int(np.ceil(radius)) + 1
    sums = np.zeros((channels, height + 2 * reach, width + 2 * reach + 1))
    np.cumsum(x, 2, out=sums[:, reach:-reach, reach + 1 : reach + 1 + width])
    sums[:, :, reach + 1 + width :] = sums[:, :, reach + width : reach + width + 1]
    result = np.zeros(x.shape)
    for dy in range(-reach, reach + 1):
        half = np.sqrt(max(0.0, (radius + 0.5) ** 2 - dy * dy)) - 0.5
        if half < 0:
            continue
        rows = sums[:, reach + dy : reach + dy + height]
        for n, share in ((int(half), 1 - half % 1), (int(half) + 1, half % 1)):
            right, left = reach + 1 + n, reach - n
            result += share * (rows[:, :, right : right + width] - rows[:, :, left : left + width])
    return result.astype(np.float32)


def to_codes(light: np.ndarray, curve: np.ndarray = LIGHT) -> np.ndarray:
    """Encode light, (3, H, W), as 8-bit codes, (H, W, 3): the inverse of `light_of_codes`."""
    codes = np.interp(light, curve, np.arange(256)) + 0.5
    return np.ascontiguousarray(codes.astype(np.uint8).transpose(1, 2, 0))
