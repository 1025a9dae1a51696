"""Films of some segments, with a person who hardly moves before noise, so that the temporal filter has work."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from tests.runtime.video.clips import GREEN, MAGENTA, write_clip

# Five frames a second, uneven, over more than two segments of 5 seconds.
TIMES = tuple(200 * number + (number % 3) * 7 for number in range(56))


def noisy(number: int, size: tuple[int, int]) -> np.ndarray:
    width, height = size
    pixels = np.empty((height, width, 3), np.int16)
    pixels[:] = MAGENTA if number < 31 else (120, 60, 200)  # a cut
    pixels[: height // 2, : width // 2 + number // 8] = GREEN
    noise = np.random.default_rng(number).integers(-12, 13, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def walking(number: int, size: tuple[int, int]) -> np.ndarray:
    """A small person who walks to and fro."""
    width, height = size
    pixels = np.empty((height, width, 3), np.int16)
    pixels[:] = MAGENTA
    left = int(width * (0.45 + 0.3 * np.sin(number / 7)))
    pixels[height // 2 : height // 2 + height // 4, left : left + width // 12] = GREEN
    noise = np.random.default_rng(number).integers(-12, 13, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def write_film(path: Path, times: tuple[int, ...] = TIMES, **options: Any) -> Path:
    return write_clip(
        path, times, **({"draw": noisy, "options": {"g": "12"}, "time_base": Fraction(1, 1000)} | options)
    )
