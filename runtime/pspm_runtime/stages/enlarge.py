"""Enlarge small pictures bilinearly, tile by tile."""

from typing import NamedTuple

import numpy as np

# Weights have this many steps, so that a sum of colours just fits 16 bits.
_BITS = 6
_ONE, _HALF = 1 << _BITS, 1 << _BITS - 1


class Axis(NamedTuple):
    """For each of `length` pixels its lower neighbour of n small ones, and the weight of the upper one in 64ths."""

    lower: np.ndarray
    weight: np.ndarray

    @classmethod
    def of(cls, n: int, length: int) -> "Axis":
        """The neighbours by the positions of the pixels' centres, as when Pillow resizes."""
        at = np.clip((np.arange(length) + 0.5) * (n / length) - 0.5, 0, n - 1)
        lower = np.minimum(at.astype(np.intp), max(n - 2, 0))
        return cls(lower, np.round((at - lower) * _ONE).astype(np.int16))


class Enlarged:
    """A small picture, (h, w, C) with values from 0 to 255, at a larger size, (width, height), to take tiles of.

    Only the tiles are computed, in 16-bit integers. Weights and values are rounded, so a tile is up to 4 levels off
    what Pillow resizes where neighbours differ most.
    """

    def __init__(self, small: np.ndarray, size: tuple[int, int]) -> None:
        self._small = np.asarray(small, np.int16)
        self._x, self._y = Axis.of(small.shape[1], size[0]), Axis.of(small.shape[0], size[1])

    def crop(self, place: tuple[int, int, int, int]) -> np.ndarray:
        """The pixels of a rectangle (left, top, right, bottom): int16 (H, W, C)."""
        left, top, right, bottom = place
        lower, weight = self._y.lower[top:bottom], self._y.weight[top:bottom]
        first = lower[0]
        rows = self._small[first : lower[-1] + 2]
        x, share = self._x.lower[left:right], self._x.weight[left:right]
        across = _between(rows, x, share[:, None], axis=1)
        return _between(across, lower - first, weight[:, None, None], axis=0)


def _between(small: np.ndarray, lower: np.ndarray, weight: np.ndarray, axis: int) -> np.ndarray:
    """Values between neighbours along an axis: lower + weight (upper - lower), rounded."""
    steps = np.diff(small, axis=axis) if small.shape[axis] > 1 else np.zeros_like(small)
    found: np.ndarray = steps.take(lower, axis)
    found *= weight
    found += (small * _ONE + _HALF).take(lower, axis)
    found >>= _BITS
    return found
