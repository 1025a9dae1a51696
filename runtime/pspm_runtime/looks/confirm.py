"""Confirm a person: somebody who was seen in one look is looked at closer, and must be seen alike."""

from pspm_runtime.engines.engine import Engine
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.boxes import shared, widened
from pspm_runtime.looks.closer import box_of_people, is_somebody, look_closer
from pspm_runtime.looks.look import Box, Look, agreement, smaller_look

# Two looks agree about a person whose boxes have this share of their common area in common.
SHARED = 0.5
# A closer look at a person and a small view of it have this much in common (intersection over union). Of 8 training
# people of 150 and 200 pixels who were found by hints, it is 0.89 at least, of 5 things taken for people 0.76 at most.
AGREEMENT = 0.85


def closer_look_at_the_same(engine: Engine, photo: Photo, person: Box, turn: int = 0) -> Look | None:
    """The closer look at a small person whose box another look gave, in pixels of the photo; None if it differs.

    A closer look alone takes many a thing for a person that fills its view. So it must show somebody in the same place,
    and a small view of it must show the same.
    """
    closer = look_closer(engine, photo, widened(person, photo.image.size), turn)
    again = box_of_people(closer)
    if again is None or not is_somebody(closer, photo) or shared(person, again) < SHARED:
        return None
    alike = agreement(closer, smaller_look(engine, photo, closer, turn)) >= AGREEMENT
    return closer if alike else None
