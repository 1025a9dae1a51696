"""Parts of frames that are compared with the same parts of others: their mattes, and where the person has moved."""

from dataclasses import replace
from functools import cached_property, reduce

import numpy as np

from pspm_runtime.constants import HAZE
from pspm_runtime.looks.look import Look
from pspm_runtime.video.motion.motion import FINEST, Level, Motion, levels, motion, sampled

# Mattes are compared in cells of this side where one is neither empty nor opaque, or two differ.
CELL = 8


class Part:
    """A look with its levels for the motion, and the motions to the frames beside it."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._levels: list[Level] | None = None
        self._motions: dict[int, Motion] = {}
        height, width = (side - side % CELL for side in look.alpha.shape)
        self.least, self.most = (
            _of_cells(look.alpha[:height, :width], CELL, extreme) for extreme in (np.minimum, np.maximum)
        )

    @property
    def levels(self) -> list[Level]:
        """The levels of the view, which are made once."""
        if self._levels is None:
            self._levels = levels(self.look.view, self.look.alpha)
        return self._levels

    @cached_property
    def spread(self) -> np.ndarray:
        """How far alpha differs around the pixels of the finest level, (h, w) in [0, 1]: 0 far from outlines."""
        alpha = self.look.alpha
        alpha = np.pad(alpha, [(0, -side % FINEST) for side in alpha.shape], "edge")
        return _around(_of_cells(alpha, FINEST, np.maximum), np.maximum) - _around(
            _of_cells(alpha, FINEST, np.minimum), np.minimum
        )

    def showing(self, alpha: np.ndarray) -> "Part":
        """The part with another matte, and the same levels and motions."""
        part = Part(replace(self.look, alpha=alpha))
        part._levels, part._motions = self._levels, self._motions
        return part

    def motion_to(self, other: "Part", side: int) -> Motion:
        """The motion to the frame before, side -1, or behind, side 1."""
        if side not in self._motions:
            self._motions[side] = motion(self.levels, other.levels)
        return self._motions[side]


def _of_cells(x: np.ndarray, side: int, extreme: np.ufunc) -> np.ndarray:
    """The largest or smallest value of each cell of so many pixels a side, (H, W) to (h, w). Faster than of 4 axes."""
    rows = reduce(extreme, (x[i::side] for i in range(side)))
    return reduce(extreme, (rows[:, i::side] for i in range(side)))


def _around(x: np.ndarray, extreme: np.ufunc) -> np.ndarray:
    """The largest or smallest value of each place and the eight around it, (h, w) to the same shape."""
    x = np.pad(x, 1, "edge")
    rows = reduce(extreme, (x[:-2], x[1:-1], x[2:]))
    return reduce(extreme, (rows[:, :-2], rows[:, 1:-1], rows[:, 2:]))


class SoftPixels:
    """The pixels of a view where the matte may change.

    pixels: their numbers in reading order. at: their places, across and down, (2, n). small: their numbers in the
    finest level, whose sides are `width` and more.
    """

    def __init__(self, pixels: np.ndarray, shape: tuple[int, int]) -> None:
        self.pixels = pixels
        down, across = np.divmod(pixels, shape[1])
        self._at = np.stack([across, down]).astype(np.float32)
        width = -(-shape[1] // FINEST)
        self._small = down // FINEST * width + across // FINEST

    @classmethod
    def of(cls, parts: list[Part]) -> "SoftPixels":
        """The pixels of all cells where any of the mattes is soft, or two differ."""
        shape = parts[0].look.alpha.shape
        least, most = parts[0].least, parts[0].most
        for part in parts[1:]:
            least, most = np.minimum(least, part.least), np.maximum(most, part.most)
        soft = np.ones(shape, bool)  # the rest of a division by the cells is always soft
        rows, columns = least.shape
        soft[: rows * CELL, : columns * CELL] = ((most > HAZE) & (least < 1 - HAZE)).repeat(CELL, 0).repeat(CELL, 1)
        return cls(np.flatnonzero(soft), shape)

    def taken(self, alpha: np.ndarray) -> np.ndarray:
        """The values of a plane of the view's size at the pixels, (n,)."""
        return alpha.ravel().take(self.pixels)

    def moved(self, alpha: np.ndarray, way: Motion) -> np.ndarray:
        """The values of another frame's plane where the motion leads to, (n,)."""
        return sampled(alpha, self._at + FINEST * way.pixels.reshape(2, -1).take(self._small, 1))

    def weight(self, way: Motion) -> np.ndarray:
        """How much the frame that a motion leads to counts at the pixels, (n,)."""
        return way.weight.ravel().take(self._small)

    def spread(self, part: Part) -> np.ndarray:
        """How far alpha of a part differs around the pixels, (n,) in [0, 1]."""
        return part.spread.ravel().take(self._small)

    def put(self, alpha: np.ndarray, values: np.ndarray) -> np.ndarray:
        """A plane with new values at the pixels."""
        result = alpha.copy()
        result.ravel()[self.pixels] = values
        return result
