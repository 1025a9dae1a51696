"""Frames between: where people hardly move, the network sees every other frame, and the matte of a frame between two
others is made of theirs.

Whether a frame is between depends on its number and on the frames beside it only, so a part of a video has the mattes
that it has in the whole.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

import numpy as np

from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.look import Look
from pspm_runtime.looks.quality import GUIDES
from pspm_runtime.model import Model
from pspm_runtime.video.container.part import Part, SoftPixels
from pspm_runtime.video.matting import Shot
from pspm_runtime.video.steady.cuts import CutDetector
from pspm_runtime.video.steady.motion import FINEST, Motion
from pspm_runtime.video.steady.temporal_filter import REACH

T = TypeVar("T")

# How many frames before and behind a frame its steadied matte may depend on.
AROUND = REACH + 1
# The largest motion from frame to frame, as the mean over the person in pixels of the view; the least trust in it; and
# how far the two mattes may differ, as a share of the person.
SLOW, SURE, APART = 4.0, 0.9, 0.01


def spaced_shots(
    model: Model, frames: Iterable[tuple[T, Photo]], number: Callable[[T], int] | None = None
) -> Iterator[Shot[T]]:
    """Look at frames, one after the other, at those with an odd number only where that is needed.

    number: of a frame; without it, they are counted. A frame between two others comes when the network has seen the
    second one. The first frame of a scene is always seen by the network.
    """
    is_cut = CutDetector()
    before: Shot[T] | None = None  # the last frame, if the network has seen it and its number is even
    waiting: Shot[T] | None = None
    try:
        for count, (frame, photo) in enumerate(frames):
            is_even = (count if number is None else number(frame)) % 2 == 0
            if before is not None and waiting is None and not is_even:
                view = model.network_view(photo)
                waiting = Shot(frame, photo, [Look(before.looks[0].box, before.looks[0].alpha, view)], before.guide)
                if is_cut(view):
                    yield _seen(model, waiting)
                    before, waiting = None, None
                continue
            shot = Shot(frame, photo, model.looks(photo), GUIDES[model.quality])
            cut = is_cut(shot.looks[0].view)
            if waiting is not None and before is not None:
                made = between(before, waiting, shot) if is_even and not cut else None
                yield made or _seen(model, waiting)
            yield shot
            before, waiting = shot if is_even else None, None
    except Exception:
        if waiting is not None:
            yield _seen(model, waiting)
        raise
    if waiting is not None:
        yield _seen(model, waiting)


def _seen(model: Model, shot: Shot[T]) -> Shot[T]:
    """A frame that waited, looked at after all."""
    return replace(shot, looks=model.looks(shot.photo))


def between(before: Shot[T], shot: Shot[T], after: Shot[T]) -> Shot[T] | None:
    """The shot of a frame between two others, with the mean of their mattes, each moved to where the person is.

    shot: with a look at the whole frame, whose alpha does not count. Returns None where the frame must be seen: people
    move fast or come closer, they are small, or the mattes differ.
    """
    if len(before.looks) != 1 or len(after.looks) != 1:
        return None
    (view,), around = shot.looks, []
    for other in (before, after):
        look = other.looks[0]
        if look.alpha.shape != view.view.size[::-1] or look.turn:
            return None
        around.append(other.part(look))
    mean = (around[0].look.alpha + around[1].look.alpha) / 2
    part = Part(replace(view, alpha=mean))
    ways = []
    for beside, side in zip(around, (-1, 1), strict=True):
        ways.append(part.motion_to(beside, side))
        if not _is_slow(ways[-1], part):
            return None
    where = SoftPixels.of(around)
    first, second = (where.moved(other.look.alpha, way) for other, way in zip(around, ways, strict=True))
    if float(np.abs(first - second).sum()) > APART * float(mean.sum()):
        return None
    first += second
    first /= 2
    part = part.showing(where.put(around[0].look.alpha, first))
    return replace(shot, looks=[part.look], parts={part.look.box: part})


def _is_slow(way: Motion, part: Part) -> bool:
    """Whether a motion is found, and short."""
    people = part.levels[-1].sums[-1]
    total = float(people.sum())
    length = FINEST * np.hypot(*way.flow)
    return float((length * people).sum()) <= SLOW * total and float((way.trust * people).sum()) >= SURE * total
