"""Soft tiles: the parts of a photo where the matte is soft. Costly stages run only there."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

CELL = 8


class Tile(NamedTuple):
    """A rectangle on the photo, `place`, and on the small matte, `box`: left, top, right, bottom."""

    place: tuple[int, int, int, int]
    box: tuple[float, float, float, float]

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels of the photo."""
        left, top, right, bottom = self.place
        return right - left, bottom - top


def soft_tiles(small: np.ndarray, size: tuple[int, int], margin: int) -> Iterator[Tile]:
    """Yield tiles of a photo that cover every soft pixel of its small matte, and a margin around it.

    small: (h, w) uint8. size: (width, height) of the photo. margin: in pixels of the small matte, at most `CELL`.
    Tiles do not overlap; neighbours in a row are joined.
    """
    h, w = small.shape
    width, height = size
    for i, row in enumerate(_cells(_soft(small), margin)):
        edges = np.flatnonzero(np.diff(row.astype(np.int8), prepend=0, append=0))
        top, bottom = i * CELL * height // h, min((i + 1) * CELL, h) * height // h
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            left, right = int(start) * CELL * width // w, min(int(stop) * CELL, w) * width // w
            if bottom > top and right > left:
                box = left / width * w, top / height * h, right / width * w, bottom / height * h
                yield Tile((left, top, right, bottom), box)


def _soft(matte: np.ndarray) -> np.ndarray:
    """Mask of pixels that are neither 0 nor 255 or differ from a neighbour, as at an edge straight from 0 to 255."""
    soft = (matte > 0) & (matte < 255)
    soft[:, 1:] |= matte[:, 1:] != matte[:, :-1]
    soft[1:] |= matte[1:] != matte[:-1]
    return soft


def _cells(soft: np.ndarray, margin: int) -> np.ndarray:
    """Mask of the CELL x CELL cells within `margin` of a soft pixel."""
    return _cells_down(_cells_down(soft, margin).T, margin).T


def _cells_down(soft: np.ndarray, margin: int) -> np.ndarray:
    """Mask (cells, width) of what is within `margin` of CELL rows of a mask (height, width)."""
    tops = range(0, len(soft), CELL)
    return np.stack([soft[max(0, top - margin) : top + CELL + margin].any(0) for top in tops])
