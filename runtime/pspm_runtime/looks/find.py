"""Find the people in a photo: the looks that its matte is made of."""

from collections.abc import Sequence
from dataclasses import replace

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


def find_people(engine: Engine, photo: Photo, budget: Budget) -> list[Look]:
    """Look at a photo, and closer at people who are small in it. The first look is always at the whole photo.

    A photo of one large person gets one look, unless it is doubtful that the person is upright. With a budget for small
    views, the small view counts where it is the clearer one.
    """
    first = look_at(engine, photo, whole(photo))
    small = first
    if budget.small_views:
        small = smaller_look(engine, photo, first, 0)
        first = upright(engine, photo, first, small)
        if first.turn:
            small = smaller_look(engine, photo, first, first.turn)
        if is_clearer(small, first):
            return [with_detail(small, first)]
    boxes = boxes_of_people(first.alpha, photo.image.size, engine.size, budget.closer, first.turn)
    somebody = replace(first, alpha=np.maximum(first.alpha, resized(small.alpha, first.view.size)))
    closer = [look_closer(engine, photo, box, first.turn, somebody) for box in boxes]
    return [first, *closer, *look_into_hints(engine, photo, first, budget.hints)]


def shows_somebody(looks: Sequence[Look]) -> bool:
    """Whether there is a person in any of the looks at a photo."""
    return any(float(look.alpha.mean()) >= PERSON_SHARE for look in looks)
