"""A look: a part of a photo that the network saw, and the matte that it answered."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from pspm_runtime.colour.profiles import to_srgb
from pspm_runtime.engines.engine import Engine
from pspm_runtime.engines.limits import check_alpha
from pspm_runtime.files.photo import Photo
from pspm_runtime.stages.network_view import InputSize, network_view, resize_to_view

# left, top, right, bottom, in pixels of the photo.
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Look:
    """A part of a photo that the network saw.

    box: the part. alpha: its matte, float32 (h, w) in [0, 1]. view: the part as RGB of (w, h), in the photo's colours.
    turn: by how many quarter turns, counter-clockwise, the network saw the view turned. `alpha` and `view` are as in
        the photo.
    """

    box: Box
    alpha: np.ndarray
    view: Image.Image
    turn: int = 0


def whole(photo: Photo) -> Box:
    """The box of the whole photo."""
    return (0, 0, *photo.image.size)


def view_size(size: InputSize, box: Box, turn: int = 0) -> tuple[int, int]:
    """(width, height) of the view of a box, as in the photo, where the network sees it turned."""
    left, top, right, bottom = box
    if turn % 2 == 0:
        return size.fit(right - left, bottom - top)
    height, width = size.fit(bottom - top, right - left)
    return width, height


def view_of(engine: Engine, photo: Photo, box: Box, turn: int = 0) -> Image.Image:
    """The view of a part of a photo: RGB of a size that the network takes, transparent parts over white."""
    return network_view(photo.image, photo.transparency, view_size(engine.size, box, turn), box)


def look_at(engine: Engine, photo: Photo, box: Box, turn: int = 0) -> Look:
    """Show a part of a photo to a network without a trimap. Raises ModelError for what is not a matte."""
    return _show(engine, photo, box, view_of(engine, photo, box, turn), turn)


def smaller_look(engine: Engine, photo: Photo, look: Look, turn: int, side: int) -> Look:
    """Show the network the view of a look again, reduced to the area `side`^2, and turned.

    The look itself where that is what the network saw already. Raises ModelError for what is not a matte.
    """
    size = view_size(engine.size.smaller(side), look.box, turn)
    if size == look.view.size and turn == look.turn:
        return look
    return _show(engine, photo, look.box, resize_to_view(look.view, size), turn)


def _show(engine: Engine, photo: Photo, box: Box, view: Image.Image, turn: int) -> Look:
    seen = np.asarray(to_srgb(view, photo.icc_profile))
    if turn:
        seen = np.ascontiguousarray(np.rot90(seen, turn))
    alpha = engine.alpha(seen)
    check_alpha(alpha, seen.shape[1], seen.shape[0])
    return Look(box, np.ascontiguousarray(np.rot90(alpha, -turn)) if turn else alpha, view, turn)
