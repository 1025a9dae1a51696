"""Depth of field: the background as a wide lens would draw it, behind a sharp person."""

import numpy as np
from PIL import Image

from pspm_runtime.background import STRIP, with_profile
from pspm_runtime.errors import PspmError
from pspm_runtime.foreground import estimate_foreground
from pspm_runtime.photo import Photo

LARGEST_RADIUS = 0.035
WORKING_RADIUS = 12.0
HIGHLIGHT_GAIN = 3.0
HIGHLIGHT_KNEE = 0.75

_CODES = np.arange(256) / 255
_TO_LINEAR = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4).astype(np.float32)
# Clipped highlights were brighter than white: giving some of it back lets them bloom into discs.
_TO_LIGHT = (_TO_LINEAR * (1 + HIGHLIGHT_GAIN * np.clip((_CODES - HIGHLIGHT_KNEE) / (1 - HIGHLIGHT_KNEE), 0, 1) ** 2)).astype(
    np.float32
)


def blur_background(photo: Photo, alpha: np.ndarray, strength: float) -> Image.Image:
    """RGB with the background out of focus; alpha is (H, W) uint8.

    strength: 0 leaves the photo alone, 1 blurs with a disc of radius 3.5 % of the photo's longer side. The disc only
    gathers background, each pixel weighted by 1 - alpha and in linear light, so the person neither bleeds into the
    background nor leaves a halo; the person's own colours are estimated and laid over it.
    """
    check_strength(strength)
    height, width = alpha.shape
    radius = strength * LARGEST_RADIUS * max(height, width)
    if radius < 0.5:
        return with_profile(Image.fromarray(photo.rgb), photo)
    reduction = max(1.0, radius / WORKING_RADIUS)
    size = max(1, round(width / reduction)), max(1, round(height / reduction))
    light, weight = _background_light(photo.rgb, alpha, size)
    blurred = Image.fromarray(_to_codes(disc_blur(light, weight, radius / reduction)))
    foreground = estimate_foreground(photo.rgb, alpha)
    return with_profile(Image.fromarray(_over_blur(foreground, alpha, blurred)), photo)


def check_strength(strength: float) -> None:
    """Raise PspmError for a strength that is not between 0 and 1."""
    if not 0 <= strength <= 1:
        raise PspmError(f"a blur strength of {strength:g} is out of range; choose one from 0 to 1")


def _over_blur(foreground: np.ndarray, alpha: np.ndarray, blurred: Image.Image) -> np.ndarray:
    height, width = alpha.shape
    scale = blurred.height / height
    for y in range(0, height, STRIP):
        rows = slice(y, min(y + STRIP, height))
        box = 0, rows.start * scale, blurred.width, rows.stop * scale
        behind = blurred.resize((width, rows.stop - rows.start), Image.Resampling.BICUBIC, box=box)
        person, mask = Image.fromarray(foreground[rows]), Image.fromarray(alpha[rows])
        foreground[rows] = np.asarray(Image.composite(person, behind, mask))
    return foreground


def _background_light(rgb: np.ndarray, alpha: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Mean linear light of the background, premultiplied by its share 1 - alpha, and that share, at (width, height).

    Strip by strip at full resolution, since light must be averaged before it is encoded again.
    """
    width, height = size
    light, weight = np.empty((height, width, 3), np.float32), np.empty((height, width, 1), np.float32)
    scale = alpha.shape[0] / height
    for y in range(0, height, STRIP // 4):
        stop = min(y + STRIP // 4, height)
        rows = slice(int(y * scale), max(int(y * scale) + 1, round(stop * scale)))
        share = 1 - alpha[rows].astype(np.float32) / 255
        # What is mostly person is left out altogether: its colour is not the background's.
        share = np.where(share < 0.02, 0, share)
        planes = [_TO_LIGHT[rgb[rows, :, c]] * share for c in range(3)]
        box = 0.0, y * scale - rows.start, alpha.shape[1], min(stop * scale - rows.start, rows.stop - rows.start)
        for c, plane in enumerate([*planes, share]):
            small = Image.fromarray(plane).resize((width, stop - y), Image.Resampling.BOX, box=box)
            (light[y:stop, :, c] if c < 3 else weight[y:stop, :, 0])[...] = small
    return light, weight


def disc_blur(light: np.ndarray, weight: np.ndarray, radius: float) -> np.ndarray:
    """Mean of premultiplied light over a disc, (H, W, 3), where weight, (H, W, 1), says how much each pixel counts.

    Where a disc holds no weight at all, the nearest wider ones answer.
    """
    result = np.zeros_like(light)
    known = np.zeros_like(weight)
    reach = radius
    while True:
        total = _disc_sum(np.concatenate([light, weight], 2), reach)
        fresh = (known == 0) & (total[..., 3:] > 1e-3)
        result = np.where(fresh, total[..., :3] / np.maximum(total[..., 3:], 1e-3), result)
        known = np.maximum(known, fresh)
        if known.all() or reach > max(light.shape):
            return result
        reach *= 2


def _disc_sum(x: np.ndarray, radius: float) -> np.ndarray:
    """Sum over a disc with soft borders: one horizontal run, by running sums, for each of the disc's rows."""
    height, width = x.shape[:2]
    reach = int(np.ceil(radius))
    sums = np.pad(np.cumsum(x, 1, dtype=np.float64), [(reach, reach), (1, 0), (0, 0)])
    columns = np.arange(width)
    result = np.zeros(x.shape)
    for dy in range(-reach, reach + 1):
        half = np.sqrt(max(0.0, (radius + 0.5) ** 2 - dy * dy)) - 0.5
        if half < 0:
            continue
        whole, part = int(half), half - int(half)
        row = sums[reach + dy : reach + dy + height]

        def run(n: int, row: np.ndarray = row) -> np.ndarray:
            return row[:, np.minimum(columns + n + 1, width)] - row[:, np.maximum(columns - n, 0)]

        result += (1 - part) * run(whole) + part * run(whole + 1)
    return result.astype(np.float32)


def _to_codes(light: np.ndarray) -> np.ndarray:
    """Linear light back to sRGB codes; what is brighter than white is white."""
    x = np.clip(light, 0, 1)
    return (np.where(x <= 0.0031308, x * 12.92, 1.055 * x ** (1 / 2.4) - 0.055) * 255 + 0.5).astype(np.uint8)
