"""Temporal filter: steady mattes where nothing moves, without a trace of what has moved.

The frames of a file are averaged with two frames before and two behind, live ones with the last matte that was shown.
A pixel of another frame counts as far as its colour and its alpha agree with those of the frame. The first frame of a
scene stays as it is, so that it has the matte of a photo.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Generic, TypeVar

import numpy as np
from PIL import Image

from pspm_runtime.looks.look import Look
from pspm_runtime.stages.box_filter import box_mean
from pspm_runtime.stages.temporal_smoothing import LARGEST_GHOST
from pspm_runtime.video.cuts import CutDetector
from pspm_runtime.video.matting import Shot

T = TypeVar("T")

REACH = 2
# Differences at which a pixel of another frame counts half: of colour, in levels, and of alpha.
COLOUR, ALPHA = 8.0, 0.4
# Colours are compared on a coarser grid, over 3 x 3 of its cells, which averages their noise.
COARSER = 2
# Live: the least share of the new matte in what is shown.
LEAST_SHARE = 0.3


def steadied(shots: Iterator[Shot[T]]) -> Iterator[Shot[T]]:
    """Filter the shots of a file. Each comes when `REACH` more are known, or the scene ends."""
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
            looks = []
            for look in shot.looks:
                shown = _same_part(before.shot.looks, look)
                if shown is None:
                    looks.append(look)
                    continue
                weight = (1 - LEAST_SHARE) * _agreement(seen.colours(look), before.colours(shown), look, shown)
                moved = np.clip(weight * (shown.alpha - look.alpha), -LARGEST_GHOST, LARGEST_GHOST)
                looks.append(replace(look, alpha=(look.alpha + moved).astype(np.float32)))
            seen.shot = replace(shot, looks=looks)
        yield seen.shot
        before = seen


class _Seen(Generic[T]):
    """A shot in the window. is_first: whether a scene begins with it."""

    def __init__(self, shot: Shot[T], *, is_first: bool) -> None:
        self.shot, self.is_first = shot, is_first
        self._colours: dict[tuple[int, int, int, int], np.ndarray] = {}

    def colours(self, look: Look) -> np.ndarray:
        """The colours of a look's view on a coarser grid, smoothed: float32 (3, h, w) in 0..255."""
        if look.box not in self._colours:
            size = max(1, look.view.width // COARSER), max(1, look.view.height // COARSER)
            small = look.view.resize(size, Image.Resampling.BOX)
            self._colours[look.box] = box_mean(np.asarray(small, np.float32).transpose(2, 0, 1), 1)
        return self._colours[look.box]


def _averaged(window: list[_Seen[T]], i: int) -> Shot[T]:
    """The shot at a place of the window, averaged with those around it."""
    seen = window[i]
    if seen.is_first:
        return seen.shot
    around = [window[j] for j in range(max(0, i - REACH), min(len(window), i + REACH + 1)) if j != i]
    looks = [_averaged_look(seen, look, around) for look in seen.shot.looks]
    return replace(seen.shot, looks=looks)


def _averaged_look(seen: _Seen[T], look: Look, around: list[_Seen[T]]) -> Look:
    total, weights = look.alpha.copy(), np.ones_like(look.alpha)
    for other in around:
        same = _same_part(other.shot.looks, look)
        if same is not None:
            weight = _agreement(seen.colours(look), other.colours(same), look, same)
            total += weight * same.alpha
            weights += weight
    return replace(look, alpha=total / weights)


def _same_part(looks: list[Look], look: Look) -> Look | None:
    """The look of another frame at the same part of it, if there is one."""
    for other in looks:
        if other.box == look.box and other.alpha.shape == look.alpha.shape and other.turn == look.turn:
            return other
    return None


def _agreement(colours: np.ndarray, others: np.ndarray, look: Look, other: Look) -> np.ndarray:
    """How far two looks agree in each pixel, from 0 to 1: float32 (h, w)."""
    apart = np.abs(colours - others).mean(0) / np.float32(COLOUR)
    np.square(apart, out=apart)
    by_colour = Image.fromarray(1 / (1 + apart * apart)).resize(look.view.size, Image.Resampling.NEAREST)
    differ = (look.alpha - other.alpha) / np.float32(ALPHA)
    np.square(differ, out=differ)
    agreement: np.ndarray = np.asarray(by_colour) / (1 + differ)
    return agreement
