"""Connected regions of a mask, and the boxes around them."""

from collections.abc import Iterator

import numpy as np

from pspm_runtime.constants import REGION_CELL
from pspm_runtime.looks.look import Box


def regions(mask: np.ndarray) -> list[tuple[Box, int]]:
    """The connected regions of a mask, bool (h, w): the box of each and its number of pixels, in reading order.

    Cells of `REGION_CELL` x `REGION_CELL` pixels that hold a pixel of the mask are connected with the eight cells
    around them. Boxes fit the cells: each of their sides is at most `REGION_CELL` - 1 pixels outside the region.
    """
    height, width = mask.shape
    counts = _count_in_cells(mask)
    found: list[_Region] = []
    above: list[tuple[int, int, _Region]] = []
    for y in range(len(counts)):
        row: list[tuple[int, int, _Region]] = []
        for start, stop in _runs(counts[y] > 0):
            region = _Region(start, y, stop, y + 1, int(counts[y, start:stop].sum()))
            found.append(region)
            for left, right, other in above:
                if left <= stop and right >= start:
                    region = region.joined(other.root())
            row.append((start, stop, region))
        above = row
    roots = [region for region in found if region.root() is region]
    roots.sort(key=lambda region: (region.top, region.left))
    return [
        (
            (
                r.left * REGION_CELL,
                r.top * REGION_CELL,
                min(r.right * REGION_CELL, width),
                min(r.bottom * REGION_CELL, height),
            ),
            r.pixels,
        )
        for r in roots
    ]


class _Region:
    """A region that grows; one that was joined with another points to it."""

    def __init__(self, left: int, top: int, right: int, bottom: int, pixels: int) -> None:
        self.left, self.top, self.right, self.bottom, self.pixels = left, top, right, bottom, pixels
        self._joined: _Region | None = None

    def root(self) -> "_Region":
        region = self
        while region._joined is not None:
            region = region._joined
        return region

    def joined(self, other: "_Region") -> "_Region":
        """This region, or the one that both have become part of."""
        if other is self:
            return self
        other.left, other.top = min(self.left, other.left), min(self.top, other.top)
        other.right, other.bottom = max(self.right, other.right), max(self.bottom, other.bottom)
        other.pixels += self.pixels
        self._joined = other
        return other


def _count_in_cells(mask: np.ndarray) -> np.ndarray:
    """How many pixels of a mask each cell holds: int (rows, columns)."""
    rows = np.add.reduceat(mask, range(0, mask.shape[0], REGION_CELL), axis=0, dtype=np.int32)
    counts: np.ndarray = np.add.reduceat(rows, range(0, mask.shape[1], REGION_CELL), axis=1)
    return counts


def _runs(row: np.ndarray) -> Iterator[tuple[int, int]]:
    """Start and stop of each run of true values."""
    edges = np.flatnonzero(np.diff(row, prepend=False, append=False)).tolist()
    return zip(edges[::2], edges[1::2], strict=True)
