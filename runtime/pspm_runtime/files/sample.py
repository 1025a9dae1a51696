"""The sample portrait, and JPEGs of any size made from it."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from pspm_runtime.package_files import packaged

GRAIN_SIDE = 512


def sample_photo() -> Path:
    """Path of the sample portrait, a JPEG that ships with the package: Eileen Collins, by NASA, public domain."""
    return packaged("sample/astronaut.jpg")


def synthetic_jpeg(megapixels: float) -> bytes:
    """The sample portrait as a 3:4 JPEG of this many megapixels, with noise like the grain of a camera."""
    height = round((megapixels * 1e6 * 4 / 3) ** 0.5)
    width = round(height * 3 / 4)
    with Image.open(sample_photo()) as sample:
        side = sample.width
        image = sample.resize((width, height), Image.Resampling.BICUBIC, box=(side / 8, 0, side * 7 / 8, side))
    grain = np.random.default_rng(0).normal(0, 3, (GRAIN_SIDE, GRAIN_SIDE)).astype(np.int8)
    tiled = np.tile(grain, (-(-height // GRAIN_SIDE), -(-width // GRAIN_SIDE)))[:height, :width, None]
    pixels = np.asarray(image)
    noisy = np.empty_like(pixels)
    for y in range(0, height, GRAIN_SIDE):
        rows = slice(y, y + GRAIN_SIDE)
        noisy[rows] = np.clip(pixels[rows].astype(np.int16) + tiled[rows], 0, 255)
    buffer = io.BytesIO()
    Image.fromarray(noisy).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
