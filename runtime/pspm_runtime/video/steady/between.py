"""Frames between: where people move little, the network sees every other frame, and the matte of a frame between two
others is made of theirs.

Whether a frame is between depends on its number and on the frames beside it only, so a part of a video has the mattes
that it has in the whole.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

import numpy as np
from PIL import Image

from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.look import Box, Look, seen_from
from pspm_runtime.looks.quality import GUIDES
from pspm_runtime.model import Model
from pspm_runtime.video.container.part import Part, SoftPixels
from pspm_runtime.video.matting import Shot
from pspm_runtime.video.motion.cuts import CutDetector
from pspm_runtime.video.motion.motion import FINEST, Motion
from pspm_runtime.video.people.follow import Following, follow, followed_only, look_at_track
from pspm_runtime.video.steady.temporal_filter import REACH

T = TypeVar("T")

# How many frames before and behind a frame its steadied matte may depend on.
AROUND = REACH + 1
# The largest motion from frame to frame, as the mean over the person in pixels of the view; the least trust in it; and
# how far the two mattes may differ, as a share of the person.
SLOW, SURE, APART = 16.0, 0.9, 0.02


def spaced_shots(
    model: Model,
    frames: Iterable[tuple[T, Photo]],
    number: Callable[[T], int] | None = None,
    begins_anew: Callable[[T], bool] = lambda _: False,
) -> Iterator[Shot[T]]:
    """Look at frames, one after the other, and follow their people; at those with an odd number only where needed.

    number: of a frame; without it, they are counted. begins_anew: whether people are looked for at a frame as if a
    scene began. A frame between two others comes when the network has seen the second one. The first frame of a scene
    is always seen by the network.
    """
    is_cut = CutDetector()
    known: Following | None = None  # after the last frame that the network has seen in turn
    before: Shot[T] | None = None  # the last frame, if the network has seen it and its number is even
    waiting: tuple[Shot[T], Following] | None = None  # a frame that may be between, and what was known before it

    try:
        for count, (frame, photo) in enumerate(frames):
            is_even = (count if number is None else number(frame)) % 2 == 0
            view = model.network_view(photo)
            cut = is_cut(view)
            is_new = cut or begins_anew(frame)
            if before is not None and known is not None and not (waiting or is_even or is_new):
                look = Look(before.looks[0].box, before.looks[0].alpha, view)
                waiting = Shot(frame, photo, [look], before.guide), known
                continue
            looks, known = follow(model, photo, None if is_new else known, view)
            shot = Shot(frame, photo, looks, GUIDES[model.quality])
            if waiting is not None and before is not None:
                made = between(model, before, *waiting, shot) if is_even and not cut else None
                yield made or _seen(model, *waiting)
            yield shot
            before, waiting = shot if is_even else None, None
    except Exception:
        if waiting is not None:
            yield _seen(model, *waiting)
        raise
    if waiting is not None:
        yield _seen(model, *waiting)


def _seen(model: Model, shot: Shot[T], known: Following) -> Shot[T]:
    """A frame that waited, looked at after all, by what was known before it."""
    return replace(shot, looks=follow(model, shot.photo, known, shot.looks[0].view)[0])


def between(model: Model, before: Shot[T], shot: Shot[T], known: Following, after: Shot[T]) -> Shot[T] | None:
    """The shot of a frame between two others, with the mean of their mattes, each moved to where the person is.

    shot: with a look at the whole frame, whose alpha does not count. known: after the frame before. Boxes of small
    people are looked at where that mean will not do. Returns None where the whole frame must be seen: people move fast
    or come closer, or the mattes differ.
    """
    (view,) = shot.looks
    one, other = before.looks[0], after.looks[0]
    # A second look has a larger view than the network's own, to which its matte would not fit.
    if one.alpha.shape != other.alpha.shape or one.alpha.shape != view.view.size[::-1] or one.turn or other.turn:
        return None
    if known.tracks and followed_only(before.looks) and followed_only(after.looks):
        part: Part | None = Part(replace(view, alpha=(one.alpha + other.alpha) / 2))
    else:
        part = _between([before.part(one), after.part(other)], view.view)
    if part is None:
        return None
    parts = {view.box: part}
    for track in known.tracks:
        made = _between_boxes(before, shot.photo, after, track.box)
        if made is None:
            look, _ = look_at_track(model, shot.photo, track, part.look)
            made = None if look is None else Part(look)
        if made is not None:
            parts[made.look.box] = made
    return replace(shot, looks=[each.look for each in parts.values()], parts=parts)


def _between_boxes(before: Shot[T], photo: Photo, after: Shot[T], box: Box) -> Part | None:
    """A part between two others in the same box, None where there are none, or it must be seen."""
    around = [each.part(look) for each in (before, after) for look in each.looks[1:] if look.box == box]
    if len(around) != 2 or around[0].look.alpha.shape != around[1].look.alpha.shape:
        return None
    return _between(around, seen_from(photo, around[0].look))


def _between(around: list[Part], view: Image.Image) -> Part | None:
    """A part between two others, None where it must be seen."""
    if view.size[::-1] != around[0].look.alpha.shape:
        return None
    mean = (around[0].look.alpha + around[1].look.alpha) / 2
    part = Part(replace(around[0].look, view=view, alpha=mean))
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
    return part.showing(where.put(around[0].look.alpha, first))


def _is_slow(way: Motion, part: Part) -> bool:
    """Whether a motion is found, and short."""
    people = part.levels[-1].sums[-1]
    total = float(people.sum())
    length = FINEST * np.hypot(*way.flow)
    return float((length * people).sum()) <= SLOW * total and float((way.trust * people).sum()) >= SURE * total
