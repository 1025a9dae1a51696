"""Enlarge small pictures bilinearly, tile by tile."""

from typing import NamedTuple

import numpy as np

from pspm_runtime.stages.soft_tiles import Tile


class Axis(NamedTuple):
    """For each of `length` pixels its lower neighbour of n small ones, and the weight of the upper one."""

    lower: np.ndarray
    weight: np.ndarray

    @classmethod
    def of(cls, n: int, length: int) -> "Axis":
        """The neighbours by the positions of the pixels' centres, as when Pillow resizes."""
        at = np.clip((np.arange(length) + 0.5) * (n / length) - 0.5, 0, n - 1)
        lower = np.minimum(at.astype(np.intp), max(n - 2, 0))
        return cls(lower, (at - lower).astype(np.float32))

    def part(self, start: int, stop: int) -> "Axis":
        """The axis of the pixels from start to stop."""
        return Axis(self.lower[start:stop], self.weight[start:stop])

    @property
    def range(self) -> slice:
        """All neighbours, from the lower one of the first pixel to the upper one of the last."""
        return slice(self.lower[0], self.lower[-1] + 2)


class Enlarged:
    """A small array at a size, (width, height), that is nowhere smaller. Only the tiles that are taken are computed.

    small: float32, or values from 0 to 255 in int16. down: its axis of the rows; the columns are the next axis.
    Integers are rounded after each axis, as Pillow and the apps round them.
    """

    def __init__(self, small: np.ndarray, size: tuple[int, int], down: int = 0) -> None:
        self._small, self._down = small, down
        self._x, self._y = Axis.of(small.shape[down + 1], size[0]), Axis.of(small.shape[down], size[1])

    def crop(self, tile: Tile) -> np.ndarray:
        """The values in a tile of the larger size."""
        left, top, right, bottom = tile
        y, x = self._y.part(top, bottom), self._x.part(left, right)
        rows = self._small[(slice(None),) * self._down + (y.range, x.range)]
        return _between(_between(rows, x, self._down + 1), y, self._down)


def _between(small: np.ndarray, at: Axis, axis: int) -> np.ndarray:
    """Values between neighbours along an axis: lower + weight (upper - lower), rounded if they are integers."""
    ahead = (slice(None),) * axis
    steps = small[(*ahead, slice(1, None))] - small[(*ahead, slice(None, -1))]
    shape = [1] * small.ndim
    shape[axis] = -1
    lower, weight = at.lower - at.lower[0], at.weight.reshape(shape)
    if steps.shape[axis] == 0:  # one value has no neighbours
        return small.take(lower, axis)
    between: np.ndarray = steps.take(lower, axis).astype(np.float32, copy=False)
    between *= weight
    between += small.take(lower, axis)
    if small.dtype == np.int16:
        between += 0.5  # no colour is negative, so that cutting off the fraction rounds
        return between.astype(np.int16)
    return between
