"""The range of a network's input: 8-bit pixels 0..255 become [-1, 1], as (x / 255 - MEAN) / STD."""

from typing import TypeVar

import numpy as np
from torch import Tensor

X = TypeVar("X", Tensor, np.ndarray)

MEAN = STD = 0.5
# As one multiplication and one addition: x * PIXEL_SCALE + PIXEL_OFFSET.
PIXEL_SCALE, PIXEL_OFFSET = 1 / 127.5, -1.0


def from_pixels(x: X) -> X:
    """0..255 to [-1, 1]."""
    return x / 127.5 - 1


def to_pixels(x: X) -> X:
    """[-1, 1] to 0..255, not rounded."""
    return (x + 1) * 127.5


def from_unit(x: X) -> X:
    """[0, 1] to [-1, 1]."""
    return x * 2 - 1


def to_unit(x: X) -> X:
    """[-1, 1] to [0, 1]."""
    return (x + 1) / 2
