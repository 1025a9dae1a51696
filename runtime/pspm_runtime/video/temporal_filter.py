"""Temporal filter: steady mattes, without a trace of what has moved.

The frames of a file are averaged with two frames before and two behind, live ones with the last matte that was shown.
The mattes of other frames are first moved to where the person is in the frame (`motion`); where that fails, they do not
count. The first frame of a scene stays as it is, so that it has the matte of a photo.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Generic, TypeVar

import numpy as np

from pspm_runtime.looks.look import Look
from pspm_runtime.stages.refine import HAZE
from pspm_runtime.stages.temporal_smoothing import LARGEST_GHOST
from pspm_runtime.video.cuts import CutDetector
from pspm_runtime.video.matting import Shot
from pspm_runtime.video.motion import FINEST, Level, Motion, levels, motion, sampled

T = TypeVar("T")

REACH = 2
# Live: the least share of the new matte in what is shown; the difference of alpha at which the last one counts half.
LEAST_SHARE, ALPHA = 0.3, 0.4
# The matte is averaged in cells of this side where it is neither empty nor opaque, in this frame or in one around it.
CELL = 8


def steadied(shots: Iterator[Shot[T]]) -> Iterator[Shot[T]]:
    """Filter the shots of a file. Each comes when `REACH` more are known, or the scene ends.

    Of the five mattes, each pixel takes the mean without the largest and the smallest value.
    """
    is_cut = CutDetector()
    window: list[_Seen[T]] = []  # of one scene: those that are done and still count, then those that wait
    done = 0
    try:
        for shot in shots:
            if is_cut(shot.looks[0].view):
                yield from (_averaged(window, i) for i in range(done, len(window)))
                window, done = [], 0
            window.append(_Seen(shot, is_first=not window))
            if len(window) - done > REACH:
                yield _averaged(window, done)
                done += 1
            if done > REACH:
                window.pop(0)
                done -= 1
    except Exception:
        yield from (_averaged(window, i) for i in range(done, len(window)))
        raise
    yield from (_averaged(window, i) for i in range(done, len(window)))


def steadied_live(shots: Iterator[Shot[T]]) -> Iterator[Shot[T]]:
    """Filter the shots of live video. Each comes at once.

    The last matte counts by at most 1 - `LEAST_SHARE`, and moves no pixel by more than `LARGEST_GHOST`.
    """
    is_cut = CutDetector()
    before: _Seen[T] | None = None
    for shot in shots:
        cut = is_cut(shot.looks[0].view)
        seen = _Seen(shot, is_first=cut or before is None)
        if before is not None and not seen.is_first:
            looks = [_followed(seen, look, before) for look in shot.looks]
            seen.shot = replace(shot, looks=looks)
        yield seen.shot
        before = seen


class _Seen(Generic[T]):
    """A shot in the window. is_first: whether a scene begins with it."""

    def __init__(self, shot: Shot[T], *, is_first: bool) -> None:
        self.shot, self.is_first = shot, is_first
        self._parts: dict[tuple[int, int, int, int], _Part] = {}

    def part(self, look: Look) -> "_Part":
        """What is known of a look of this shot."""
        if look.box not in self._parts:
            self._parts[look.box] = _Part(look)
        return self._parts[look.box]

    def same_part(self, look: Look) -> "_Part | None":
        """What is known of the same part of this frame as a look of another one shows, if it was looked at."""
        for own in self.shot.looks:
            if own.box == look.box and own.alpha.shape == look.alpha.shape and own.turn == look.turn:
                return self.part(own)
        return None


class _Part:
    """A look with its levels for the motion, and the motions to the frames beside it."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._levels: list[Level] | None = None
        self._motions: dict[int, Motion] = {}
        height, width = look.alpha.shape
        cells = look.alpha[: height - height % CELL, : width - width % CELL].reshape(
            height // CELL, CELL, width // CELL, CELL
        )
        self.least, self.most = cells.min((1, 3)), cells.max((1, 3))

    @property
    def levels(self) -> list[Level]:
        if self._levels is None:
            self._levels = levels(self.look.view, self.look.alpha)
        return self._levels

    def motion_to(self, other: "_Part", side: int) -> Motion:
        """The motion to the frame before, side -1, or behind, side 1."""
        if side not in self._motions:
            self._motions[side] = motion(self.levels, other.levels)
        return self._motions[side]


def _averaged(window: list[_Seen[T]], i: int) -> Shot[T]:
    """The shot at a place of the window, averaged with those around it."""
    seen = window[i]
    if seen.is_first:
        return seen.shot
    looks = [_averaged_look(window, i, look) for look in seen.shot.looks]
    return replace(seen.shot, looks=looks)


def _averaged_look(window: list[_Seen[T]], i: int, look: Look) -> Look:
    part = window[i].part(look)
    around: list[tuple[_Part, Motion]] = []
    for side in (-1, 1):
        last, way = part, None
        for j in range(i + side, i + side * (REACH + 1), side):
            other = window[j].same_part(look) if 0 <= j < len(window) else None
            if other is None:
                break
            step = last.motion_to(other, side)
            last, way = other, step if way is None else way.then(step)
            around.append((other, way))
    if not around:
        return look
    where = _Soft.of([part, *(other for other, _ in around)])
    own = where.taken(look.alpha)
    total, least, most = own.copy(), own.copy(), own.copy()
    for other, way in around:
        moved = where.moved(other.look.alpha, way)
        moved -= own
        moved *= where.weight(way)
        moved += own
        total += moved
        np.minimum(least, moved, out=least)
        np.maximum(most, moved, out=most)
    count = 1 + len(around)
    if count > 2:
        total -= least
        total -= most
        count -= 2
    total /= count
    return replace(look, alpha=where.put(look.alpha, total))


def _followed(seen: _Seen[T], look: Look, before: _Seen[T]) -> Look:
    """A look of live video, drawn to what was shown last."""
    shown = before.same_part(look)
    if shown is None:
        return look
    part = seen.part(look)
    way = part.motion_to(shown, -1)
    where = _Soft.of([part, shown])
    own = where.taken(look.alpha)
    moved = where.moved(shown.look.alpha, way)
    moved -= own
    differ = np.square(moved / np.float32(ALPHA))
    moved *= (1 - LEAST_SHARE) * where.weight(way) / (1 + differ * differ)
    own += np.clip(moved, -LARGEST_GHOST, LARGEST_GHOST)
    return replace(look, alpha=where.put(look.alpha, own))


class _Soft:
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
    def of(cls, parts: list[_Part]) -> "_Soft":
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
        return sampled(alpha, self._at + FINEST * way.flow.reshape(2, -1).take(self._small, 1))

    def weight(self, way: Motion) -> np.ndarray:
        """How much the frame that a motion leads to counts at the pixels, (n,)."""
        return way.weight.ravel().take(self._small)

    def put(self, alpha: np.ndarray, values: np.ndarray) -> np.ndarray:
        """A plane with new values at the pixels."""
        result = alpha.copy()
        result.ravel()[self.pixels] = values
        return result
