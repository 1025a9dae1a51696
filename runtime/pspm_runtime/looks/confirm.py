"""Confirm a person: somebody who was seen in one look is looked at closer, and must be seen alike."""

from pspm_runtime.constants import CONFIRM_AGREEMENT, CONFIRM_SHARED
from pspm_runtime.engines.engine import Engine
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.boxes import shared, widened
from pspm_runtime.looks.closer import box_of_people, is_somebody, look_closer
from pspm_runtime.looks.look import Box, Look, agreement, smaller_look


def closer_look_at_the_same(engine: Engine, photo: Photo, person: Box, turn: int = 0) -> Look | None:
    """The closer look at a small person whose box another look gave, in pixels of the photo; None if it differs.

    A closer look alone takes many a thing for a person that fills its view. So it must show somebody in the same place,
    and a small view of it must show the same.
    """
    closer = look_closer(engine, photo, widened(person, photo.image.size), turn)
    again = box_of_people(closer)
    if again is None or not is_somebody(closer, photo) or not is_same_person(person, again):
        return None
    return closer if are_alike(agreement(closer, smaller_look(engine, photo, closer, turn))) else None


def is_same_person(one: Box, other: Box) -> bool:
    """Whether two boxes are around the same person."""
    return shared(one, other) >= CONFIRM_SHARED


def are_alike(agreed: float) -> bool:
    """Whether a closer look and a small view of it, with so much in common, show the same."""
    return agreed >= CONFIRM_AGREEMENT
