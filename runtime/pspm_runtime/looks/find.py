"""Find the people in a photo: the looks that its matte is made of."""

from collections.abc import Sequence

from pspm_runtime.engines.engine import Engine
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.boxes import boxes_of_people
from pspm_runtime.looks.budget import Budget
from pspm_runtime.looks.closer import look_closer
from pspm_runtime.looks.hints import look_into_hints
from pspm_runtime.looks.look import Look, look_at, whole
from pspm_runtime.looks.orientation import upright

# A look whose matte has a smaller mean shows nobody.
PERSON_SHARE = 0.005


def find_people(engine: Engine, photo: Photo, budget: Budget) -> list[Look]:
    """Look at a photo, and closer at people who are small in it. The first look is always at the whole photo.

    A photo of one large person gets one look, unless it is doubtful that the person is upright.
    """
    first = look_at(engine, photo, whole(photo))
    if budget.turns:
        first = upright(engine, photo, first)
    boxes = boxes_of_people(first.alpha, photo.image.size, engine.size, budget.closer, first.turn)
    closer = [look_closer(engine, photo, box, first.turn, first) for box in boxes]
    return [first, *closer, *look_into_hints(engine, photo, first, budget.hints)]


def shows_somebody(looks: Sequence[Look]) -> bool:
    """Whether there is a person in any of the looks at a photo."""
    return any(float(look.alpha.mean()) >= PERSON_SHARE for look in looks)
