"""Look closer: a look whose box fits the people in it."""

from dataclasses import replace
from functools import reduce

import numpy as np

from pspm_runtime.constants import (
    CLOSER_RUNS,
    GAIN,
    LARGE,
    NEAR_PEOPLE,
    OUTSIDE,
    SOMEBODY_FILLED,
    SOMEBODY_SOFT,
    SOMETHING,
    SPECK,
    SURE,
    TRUSTED,
)
from pspm_runtime.engines.engine import Engine
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.boxes import area, cut, enlarged, gain, part_resized, union, widened
from pspm_runtime.looks.look import Box, Look, look_at, whole
from pspm_runtime.looks.regions import regions
from pspm_runtime.stages.box_filter import box_mean
from pspm_runtime.stages.network_view import InputSize


def look_closer(engine: Engine, photo: Photo, box: Box, turn: int = 0, first: Look | None = None) -> Look:
    """Look at a box, and again at a better one if the people in it reach to its edge or leave most of it empty.

    first: the look at the whole photo, if the people were found there. Of people who are large enough for it, it knows
    best where nobody is: a larger view takes many a thing beside them for a part of them.
    """
    look = look_at_people(engine, photo, box, turn, first)
    for _ in range(CLOSER_RUNS - 1):
        better = better_box(look, photo.image.size, engine.size)
        if better is None:
            return look
        look = look_at_people(engine, photo, better, turn, first)
    return look


def better_box(look: Look, size: tuple[int, int], rule: InputSize) -> Box | None:
    """The box that fits the people in a look better than its own; None where another look is vain.

    It is where nobody is seen, where the box fits, and where the better one hardly shows them larger.
    size: (width, height) of the photo.
    """
    people = box_of_people(look)
    if people is None:
        return None
    better = widened(people, size)
    return None if _fits(better, look.box) or gain(better, (0, 0, *size), rule, look.turn) < GAIN else better


def look_at_people(engine: Engine, photo: Photo, box: Box, turn: int = 0, first: Look | None = None) -> Look:
    """Look at a box once. first: as for `look_closer`."""
    look = look_at(engine, photo, box, turn)
    if first is None:
        return look
    near = near_people(first.alpha, box, photo.image.size, engine.size, look.alpha.shape)
    return look if near is None else replace(look, alpha=np.minimum(look.alpha, near))


def near_people(
    first: np.ndarray, box: Box, size: tuple[int, int], rule: InputSize, shape: tuple[int, ...]
) -> np.ndarray | None:
    """1 near the people of a first look's matte, 0 far from them, at the shape of a look at a box: float32 (h, w).

    None where people are too small for the first look to know. size: (width, height) of the photo.
    """
    if area(box) / (size[0] * size[1]) * first.size < (TRUSTED * rule.side) ** 2:
        return None
    somebody = (first > SOMETHING).astype(np.float32)
    # A window of that many pixels that holds one of somebody has a larger mean.
    near = box_mean(somebody, NEAR_PEOPLE) > 0.5 / (2 * NEAR_PEOPLE + 1) ** 2
    return part_resized(near.astype(np.float32), box, size, shape)


def people_in(look: Look) -> list[Box]:
    """The boxes of the sure people in a look, in pixels of the photo."""
    return [
        _in_photo(box, look)
        for box, pixels in regions(look.alpha > SOMETHING)
        if pixels >= SPECK and cut(look.alpha, box).max() > SURE
    ]


def box_of_people(look: Look) -> Box | None:
    """The box around all people in a look, in pixels of the photo; None if there are none."""
    found = people_in(look)
    return reduce(union, found) if found else None


def _in_photo(box: Box, look: Look) -> Box:
    left, top, right, bottom = look.box
    box = enlarged(box, look.alpha.shape, (right - left, bottom - top))
    return left + box[0], top + box[1], left + box[2], top + box[3]


def is_somebody(look: Look, photo: Photo) -> bool:
    """Whether a look at a trace of somebody shows a person: a sure matte of a plausible size."""
    people = box_of_people(look)
    if people is None:
        return False
    mean = float(look.alpha.mean())
    softness = float(np.minimum(look.alpha, 1 - look.alpha).mean()) / max(mean, 1e-6)
    return mean >= SOMEBODY_FILLED and softness <= SOMEBODY_SOFT and is_small(people, photo)


def is_small(person: Box, photo: Photo) -> bool:
    """Whether somebody with this box is so small that the first look at a photo can miss them."""
    longer = max(person[2] - person[0], person[3] - person[1])
    return longer <= LARGE * area(whole(photo)) ** 0.5


def _fits(better: Box, box: Box) -> bool:
    """Whether a box shows what a better one would: it reaches as far, and is not much larger."""
    allowed = OUTSIDE * max(better[2] - better[0], better[3] - better[1])
    inside = (
        better[0] >= box[0] - allowed
        and better[1] >= box[1] - allowed
        and better[2] <= box[2] + allowed
        and better[3] <= box[3] + allowed
    )
    return inside and area(box) <= GAIN**2 * area(better)
