"""Motion of people from one frame to another, so that their mattes can be compared where they were.

Small pictures of luma are matched in windows, coarse to fine (Lucas and Kanade, "An iterative image registration
technique", 1981). A pixel counts by the matte: beside the outline the background may move otherwise, or stand still,
and would pull the outline with it.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

# The levels of a picture: how many times smaller they are than the view, and how often the motion is improved there.
# The coarsest level first finds one motion of the whole picture.
LEVELS = ((16, 4), (8, 1), (4, 1))
WHOLE = 2
FINEST = LEVELS[-1][0]
# A window is three cells of this side, in pixels of its level, the middle one counts twice in each direction.
CELL = 8
# A window of less slope than this, as the mean of the squares, keeps the motion of the coarser level.
FLAT = 2.0
# What a pixel without a person counts.
LEAST = 0.02
# From this mean difference of luma on, in levels, the motion in a window counts half.
TOLERANCE = 16.0
# So do motions of this length, in pixels of the view: they are found less precisely, and what moves fast is blurred.
FAST = 32.0


@dataclass(frozen=True)
class Level:
    """One level of a picture, float32 (h, w) each: luma in 0..255, its slopes, and the weights of the pixels."""

    luma: np.ndarray
    across: np.ndarray
    down: np.ndarray
    weight: np.ndarray
    sums: np.ndarray


@dataclass(frozen=True)
class Motion:
    """Where a frame's pixels are in another frame.

    flow: (2, H, W) float32 in the windows of the finest level: across and down, in pixels of that level. trust: (H, W)
    float32 in [0, 1]: how far the colours of the person agree. shape: (h, w) of the finest level.
    """

    flow: np.ndarray
    trust: np.ndarray
    shape: tuple[int, int]

    @property
    def pixels(self) -> np.ndarray:
        """The flow of the finest level's pixels, (2, h, w)."""
        return _windows(self.shape).enlarged(self.flow)

    @property
    def weight(self) -> np.ndarray:
        """How much the other frame's matte counts at the finest level's pixels, (h, w) in [0, 1]."""
        length = np.square(self.flow * np.float32(FINEST / FAST)).sum(0)
        return _windows(self.shape).enlarged(self.trust / (1 + length * length))

    def then(self, further: "Motion") -> "Motion":
        """The motion to a third frame, from that between the second one and the third."""
        at = _places(self.flow / CELL)
        flow = self.flow + np.stack([sampled(plane, at) for plane in further.flow])
        return Motion(flow, self.trust * sampled(further.trust, at), self.shape)


def levels(view: Image.Image, alpha: np.ndarray) -> list[Level]:
    """The levels of a picture, the coarsest first. view: RGB of (w, h). alpha: its matte, float32 (h, w) in [0, 1]."""
    grey, matte = view.convert("L"), Image.fromarray(alpha)
    made = []
    for reduction, _ in LEVELS:
        luma = np.asarray(grey.reduce(reduction), np.float32)
        weight = np.sqrt(np.maximum(np.asarray(matte.reduce(reduction)), 0)) + np.float32(LEAST)
        across, down = np.zeros_like(luma), np.zeros_like(luma)
        across[:, 1:-1] = (luma[:, 2:] - luma[:, :-2]) / 2
        down[1:-1] = (luma[2:] - luma[:-2]) / 2
        planes = weight * np.stack([across * across, across * down, down * down, np.ones_like(luma)])
        made.append(Level(luma, across, down, weight, _windows(luma.shape).sums(planes)))
    return made


def motion(here: list[Level], there: list[Level]) -> Motion:
    """The motion of the person from one picture to another of the same size."""
    flow = np.zeros((2, 1, 1), np.float32)
    for (_, times), one, other in zip(LEVELS, here, there, strict=True):
        windows = _windows(one.luma.shape)
        is_coarsest = flow.shape[1:] == (1, 1)
        flow = np.zeros((2, *windows.shape), np.float32) if is_coarsest else 2 * windows.fitted(flow)
        for step in range(times):
            difference = _difference(one, other, windows.enlarged(flow))
            pull = windows.sums(np.stack([one.across * difference, one.down * difference]))
            sums = one.sums
            if is_coarsest and step < WHOLE:
                sums, pull = (x.sum((1, 2), keepdims=True) for x in (sums, pull))
            flow = flow + np.clip(_solved(sums, pull), -1, 1)
        # Where little is to be seen, the motion is that of the windows around.
        slope = one.sums[0] + one.sums[2] + np.float32(FLAT)
        flow = windows.smoothed(flow * slope) / windows.smoothed(slope)
    difference = np.abs(_difference(one, other, windows.enlarged(flow)))
    apart = windows.sums(difference) / one.sums[3]
    trust = 1 / (1 + np.square(np.square(apart / np.float32(TOLERANCE))))
    return Motion(flow, trust, one.luma.shape)


def _difference(one: Level, other: Level, flow: np.ndarray) -> np.ndarray:
    """The weighted difference of luma where the flow leads to, (h, w)."""
    difference: np.ndarray = (sampled(other.luma, _places(flow)) - one.luma) * one.weight
    return difference


def _solved(sums: np.ndarray, pull: np.ndarray) -> np.ndarray:
    """The steps that the least squares of each window ask for: (2, H, W)."""
    across, both, down, weight = sums
    across, down = across + FLAT * weight, down + FLAT * weight
    determinant = across * down - both * both
    return np.stack(
        [(both * pull[1] - down * pull[0]) / determinant, (both * pull[0] - across * pull[1]) / determinant]
    )


class _Windows:
    """The windows of a level of (h, w) pixels, (H, W) of them.

    Without products of matrices: these are so small that the threads of a BLAS only wait for each other.
    """

    def __init__(self, h: int, w: int) -> None:
        self.shape = -(-h // CELL), -(-w // CELL)
        self._pixels = [
            _Places.of(count, (np.arange(length) + 0.5) / CELL - 0.5)
            for length, count in zip((h, w), self.shape, strict=True)
        ]

    def sums(self, x: np.ndarray) -> np.ndarray:
        """Sums over the windows: (..., h, w) to (..., H, W)."""
        rows = np.add.reduceat(x, range(0, x.shape[-2], CELL), axis=-2)
        return self.smoothed(np.add.reduceat(rows, range(0, x.shape[-1], CELL), axis=-1))

    def smoothed(self, x: np.ndarray) -> np.ndarray:
        """Sums over three windows each way, the middle one twice: (..., H, W) to the same shape."""
        total = 2 * x
        total[..., 1:, :] += x[..., :-1, :]
        total[..., :-1, :] += x[..., 1:, :]
        both: np.ndarray = 2 * total
        both[..., 1:] += total[..., :-1]
        both[..., :-1] += total[..., 1:]
        return both

    def enlarged(self, x: np.ndarray) -> np.ndarray:
        """Values of the windows at the pixels, bilinear: (..., H, W) to (..., h, w)."""
        down, across = self._pixels
        return across.of_row(down.of_rows(x))

    def fitted(self, x: np.ndarray) -> np.ndarray:
        """Values of the windows of a level of half the size: (..., H', W') to (..., H, W)."""
        down, across = (
            _Places.of(half, (np.arange(count) + 0.5) / 2 - 0.5)
            for half, count in zip(x.shape[-2:], self.shape, strict=True)
        )
        return across.of_row(down.of_rows(x))


@dataclass(frozen=True)
class _Places:
    """Places between values that are in a row.

    before, behind: numbers of the values on both sides. share: what the one behind counts, float32 in [0, 1].
    """

    before: np.ndarray
    behind: np.ndarray
    share: np.ndarray

    @classmethod
    def of(cls, count: int, places: np.ndarray) -> "_Places":
        """Places between `count` values; those outside are at the first or the last one."""
        at = np.clip(places, 0, count - 1)
        before = np.minimum(at.astype(np.int64), max(0, count - 2))
        return cls(before, np.minimum(before + 1, count - 1), (at - before).astype(np.float32))

    def of_rows(self, x: np.ndarray) -> np.ndarray:
        """Take the places between rows: (..., count, w) to (..., places, w)."""
        first, second = x.take(self.before, -2), x.take(self.behind, -2)
        second -= first
        second *= self.share[:, None]
        first += second
        return first

    def of_row(self, x: np.ndarray) -> np.ndarray:
        """Take the places within rows: (..., h, count) to (..., h, places)."""
        first, second = x.take(self.before, -1), x.take(self.behind, -1)
        second -= first
        second *= self.share
        first += second
        return first


@lru_cache(maxsize=64)
def _windows(shape: tuple[int, int]) -> _Windows:
    return _Windows(*shape)


@lru_cache(maxsize=16)
def _grid(shape: tuple[int, int]) -> np.ndarray:
    return np.stack(np.meshgrid(*(np.arange(n, dtype=np.float32) for n in shape[::-1])))


def _places(flow: np.ndarray) -> np.ndarray:
    places: np.ndarray = _grid(flow.shape[1:]) + flow
    return places


def sampled(plane: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The values of a plane, (h, w), at places across and down, (2, ...), bilinear; the edge goes on outside."""
    h, w = plane.shape
    if h < 2 or w < 2:
        return np.broadcast_to(plane.mean(), at.shape[1:])
    x, y = np.clip(at[0], 0, w - 1), np.clip(at[1], 0, h - 1)
    left, top = np.minimum(x.astype(np.int32), w - 2), np.minimum(y.astype(np.int32), h - 2)
    x -= left
    y -= top
    first = top * w + left
    values = plane.ravel()
    upper, lower = values.take(first), values.take(first + w)
    upper += x * (values.take(first + 1) - upper)
    lower += x * (values.take(first + (w + 1)) - lower)
    lower -= upper
    lower *= y
    upper += lower
    return upper
