"""Soft tiles: the parts of a photo where the matte is soft. Costly stages run only there."""

from collections.abc import Iterator

import numpy as np

from pspm_runtime.constants import SOFT_CELL

# A rectangle on the photo: left, top, right, bottom.
Tile = tuple[int, int, int, int]


def soft_tiles(small: np.ndarray, size: tuple[int, int], margin: int) -> Iterator[Tile]:
    """Yield tiles of a photo that cover every soft pixel of its small matte, and a margin around it.

    small: (h, w) uint8. size: (width, height) of the photo. margin: in pixels of the small matte, at most `SOFT_CELL`.
    Tiles do not overlap; neighbours in a row are joined.
    """
    return tiles(soft_cells(small, margin), small.shape, size)


def opaque_tiles(small: np.ndarray, soft: np.ndarray, size: tuple[int, int]) -> Iterator[Tile]:
    """Yield the tiles of a photo where its small matte is 255 throughout; `soft` are its `soft_cells`."""
    return tiles(~soft & (small[::SOFT_CELL, ::SOFT_CELL] == 255), small.shape, size)


def soft_cells(small: np.ndarray, margin: int) -> np.ndarray:
    """Mask of the cells of a small matte, of SOFT_CELL x SOFT_CELL pixels, within `margin` of a soft pixel.

    Others are flat, 0 or 255.
    """
    return _cells_down(_cells_down(soft_pixels(small), margin).T, margin).T


def tiles(cells: np.ndarray, shape: tuple[int, ...], size: tuple[int, int]) -> Iterator[Tile]:
    """Yield the tiles of a photo that a mask of cells of its small matte, of this shape, covers."""
    h, w = shape
    width, height = size
    rows, edges = np.nonzero(np.diff(cells, axis=1, prepend=False, append=False))
    for i, start, stop in zip(rows[::2].tolist(), edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        top, bottom = i * SOFT_CELL * height // h, min((i + 1) * SOFT_CELL, h) * height // h
        left, right = start * SOFT_CELL * width // w, min(stop * SOFT_CELL, w) * width // w
        if bottom > top and right > left:
            yield left, top, right, bottom


def strips(cells: np.ndarray, shape: tuple[int, ...], size: tuple[int, int], rows: int, gap: int) -> Iterator[Tile]:
    """Yield fewer and larger tiles than `tiles` does, which cover other cells too.

    rows: of cells in each tile. gap: cells in a strip of rows that are at most so far apart are in one tile.
    """
    h, w = shape
    width, height = size
    for row in range(0, len(cells), rows):
        columns = np.flatnonzero(cells[row : row + rows].any(0))
        if not len(columns):
            continue
        top, bottom = row * SOFT_CELL * height // h, min((row + rows) * SOFT_CELL, h) * height // h
        gaps = np.flatnonzero(np.diff(columns) > gap)
        for start, end in zip(columns[[0, *(gaps + 1)]].tolist(), columns[[*gaps, -1]].tolist(), strict=True):
            left, right = start * SOFT_CELL * width // w, min((end + 1) * SOFT_CELL, w) * width // w
            if bottom > top and right > left:
                yield left, top, right, bottom


def soft_pixels(matte: np.ndarray) -> np.ndarray:
    """Mask of the pixels of a matte, uint8 (h, w), that are neither 0 nor 255 or differ from a neighbour.

    The latter are those at an edge straight from 0 to 255.
    """
    soft = (matte > 0) & (matte < 255)
    soft[:, 1:] |= matte[:, 1:] != matte[:, :-1]
    soft[1:] |= matte[1:] != matte[:-1]
    return soft


def _cells_down(soft: np.ndarray, margin: int) -> np.ndarray:
    """Mask (cells, width) of what is within `margin` of SOFT_CELL rows of a mask (height, width)."""
    tops = range(0, len(soft), SOFT_CELL)
    return np.stack([soft[max(0, top - margin) : top + SOFT_CELL + margin].any(0) for top in tops])
