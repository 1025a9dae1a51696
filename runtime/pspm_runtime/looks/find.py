"""Find the people in a photo: the looks that its matte is made of."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from pspm_runtime.constants import PERSON_SHARE
from pspm_runtime.engines.engine import Engine
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.boxes import boxes_of_people
from pspm_runtime.looks.budget import Budget
from pspm_runtime.looks.clearer_view import is_clearer
from pspm_runtime.looks.closer import look_closer
from pspm_runtime.looks.hints import look_into_hints
from pspm_runtime.looks.look import Look, look_at, smaller_look, whole
from pspm_runtime.looks.orientation import upright
from pspm_runtime.looks.second_look import resized, with_detail


class FirstLook(NamedTuple):
    """A look at a whole photo, turned as its people need it.

    small: the same with a small view, or the look itself. is_small_clearer: whether that one counts.
    """

    look: Look
    small: Look
    is_small_clearer: bool


def first_look(engine: Engine, photo: Photo, budget: Budget) -> FirstLook:
    """Look at a whole photo; with a budget for small views, find out which way up it is and which view is clearer."""
    look = look_at(engine, photo, whole(photo))
    if not budget.small_views:
        return FirstLook(look, look, is_small_clearer=False)
    small = smaller_look(engine, photo, look, 0)
    look = upright(engine, photo, look, small)
    if look.turn:
        small = smaller_look(engine, photo, look, look.turn)
    return FirstLook(look, small, is_clearer(small, look))


def find_people(engine: Engine, photo: Photo, budget: Budget, first: FirstLook | None = None) -> list[Look]:
    """Look at a photo, and closer at people who are small in it. The first look is always at the whole photo.

    A photo of one large person gets one look, unless it is doubtful that the person is upright. With a budget for small
    views, the small view counts where it is the clearer one. first: `first_look`, if there was one already.
    """
    look, small, is_small_clearer = first or first_look(engine, photo, budget)
    if is_small_clearer:
        return [with_detail(small, look)]
    boxes = boxes_of_people(look.alpha, photo.image.size, engine.size, budget.closer, look.turn)
    somebody = replace(look, alpha=np.maximum(look.alpha, resized(small.alpha, look.view.size)))
    closer = [look_closer(engine, photo, box, look.turn, somebody) for box in boxes]
    return [look, *closer, *look_into_hints(engine, photo, look, budget.hints)]


def shows_somebody(looks: Sequence[Look]) -> bool:
    """Whether there is a person in any of the looks at a photo."""
    return any(float(look.alpha.mean()) >= PERSON_SHARE for look in looks)
