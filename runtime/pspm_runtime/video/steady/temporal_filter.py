"""Temporal filter: steady mattes, without a trace of what has moved.

The frames of a file are averaged with two frames before and two behind, live ones with the last matte that was shown.
The mattes of other frames are first moved to where the person is in the frame (`motion`); where that fails, they do not
count. The first frame of a scene stays as it is, so that it has the matte of a photo.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Generic, TypeVar

import numpy as np

from pspm_runtime.looks.boxes import part_resized, shared
from pspm_runtime.looks.look import Box, Look, seen_from
from pspm_runtime.looks.merge import within_box
from pspm_runtime.stages.temporal_smoothing import LARGEST_GHOST
from pspm_runtime.video.container.part import Part, SoftPixels
from pspm_runtime.video.matting import Shot
from pspm_runtime.video.motion.cuts import CutDetector
from pspm_runtime.video.motion.motion import Motion
from pspm_runtime.video.people.follow import followed_only

T = TypeVar("T")

REACH = 2
# Two boxes follow the same people if they share so much of the area that they cover.
ENOUGH = 0.4
# Live: the largest share of the last matte in what is shown.
SHARE = 0.5


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

    A recursive mean: the last matte counts by at most `SHARE`. Far from the outline it moves no pixel by more than
    `LARGEST_GHOST`, so that what has gone, such as a hand, leaves no ghost.
    """
    is_cut = CutDetector()
    before: _Seen[T] | None = None
    for shot in shots:
        cut = is_cut(shot.looks[0].view)
        seen = _Seen(shot, is_first=cut or before is None)
        if before is not None and not seen.is_first:
            seen.show([_followed(seen, look, before) for look in shot.looks])
        yield seen.shot
        before = seen


class _Seen(Generic[T]):
    """A shot in the window. is_first: whether a scene begins with it."""

    def __init__(self, shot: Shot[T], *, is_first: bool) -> None:
        self.shot, self.is_first = replace(shot, begins=is_first), is_first
        self._in_other_boxes: dict[Box, Part] = {}

    def show(self, looks: list[Look]) -> None:
        """Take other mattes for those of the looks."""
        parts = {look.box: self.shot.part(look).showing(look.alpha) for look in looks}
        self.shot = replace(self.shot, looks=[parts[look.box].look for look in looks], parts=parts)

    def same_part(self, look: Look) -> Part | None:
        """What is known of the part of this frame that a look of another one shows, if its people were looked at.

        Where the box that follows them was another one, its matte is moved into this one.
        """
        for own in self.shot.looks:
            if own.box == look.box and own.alpha.shape == look.alpha.shape and own.turn == look.turn:
                return self.shot.part(own)
        part = self._in_other_boxes.get(look.box)
        if part is None or part.look.alpha.shape != look.alpha.shape:
            near = max(self.shot.looks[1:], key=lambda own: shared(own.box, look.box), default=None)
            if near is None or near.turn != look.turn or shared(near.box, look.box) < ENOUGH:
                return None
            alpha = part_resized(self.shot.looks[0].alpha, look.box, self.shot.photo.image.size, look.alpha.shape)
            alpha = within_box(near, look.box, alpha)
            part = Part(replace(look, alpha=alpha, view=seen_from(self.shot.photo, look)))
            self._in_other_boxes[look.box] = part
        return part


def _averaged(window: list[_Seen[T]], i: int) -> Shot[T]:
    """The shot at a place of the window, averaged with those around it."""
    seen = window[i]
    if seen.is_first:
        return seen.shot
    first, *closer = seen.shot.looks
    # What boxes cover needs no average in the look at the whole frame.
    looks = [first if closer and followed_only(seen.shot.looks) else _averaged_look(window, i, first)]
    looks += [_averaged_look(window, i, look) for look in closer]
    return replace(seen.shot, looks=looks)


def _averaged_look(window: list[_Seen[T]], i: int, look: Look) -> Look:
    part = window[i].shot.part(look)
    around: list[tuple[Part, Motion]] = []
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
    where = SoftPixels.of([part, *(other for other, _ in around)])
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
    part = seen.shot.part(look)
    way = part.motion_to(shown, -1)
    where = SoftPixels.of([part, shown])
    own = where.taken(look.alpha)
    share = np.float32(SHARE) * where.weight(way)
    change = share * (where.moved(shown.look.alpha, way) - own)
    limit = np.maximum(np.float32(LARGEST_GHOST), share * where.spread(part))
    own += np.clip(change, -limit, limit)
    return replace(look, alpha=where.put(look.alpha, own))
