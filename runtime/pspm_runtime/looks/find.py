"""Find the people in a photo: the looks that its matte is made of."""

from pspm_runtime.engines.engine import Engine
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.look import Look, look_at, whole


def find_people(engine: Engine, photo: Photo) -> list[Look]:
    """Look at a photo. The first look is always at the whole photo."""
    return [look_at(engine, photo, whole(photo))]
