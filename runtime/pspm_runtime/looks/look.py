"""A look: a part of a photo that the network saw, and the matte that it answered."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from pspm_runtime.colour.profiles import to_srgb
from pspm_runtime.engines.engine import Engine
from pspm_runtime.engines.limits import check_alpha
from pspm_runtime.files.photo import Photo
from pspm_runtime.stages.network_view import network_view

# left, top, right, bottom, in pixels of the photo.
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Look:
    """A part of a photo that the network saw.

    box: the part. alpha: its matte, float32 (h, w) in [0, 1]. view: the part as RGB of (w, h), in the photo's colours.
    """

    box: Box
    alpha: np.ndarray
    view: Image.Image


def whole(photo: Photo) -> Box:
    """The box of the whole photo."""
    return (0, 0, *photo.image.size)


def view_of(engine: Engine, photo: Photo, box: Box) -> Image.Image:
    """The view of a part of a photo: RGB of a size that the network takes, transparent parts over white."""
    left, top, right, bottom = box
    return network_view(photo.image, photo.transparency, engine.size.fit(right - left, bottom - top), box)


def look_at(engine: Engine, photo: Photo, box: Box) -> Look:
    """Show a part of a photo to a network without a trimap. Raises ModelError for what is not a matte."""
    view = view_of(engine, photo, box)
    alpha = engine.alpha(np.asarray(to_srgb(view, photo.icc_profile)))
    check_alpha(alpha, view.width, view.height)
    return Look(box, alpha, view)
