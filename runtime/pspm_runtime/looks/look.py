"""A look: a part of a photo that the network saw, and the matte that it answered."""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from pspm_runtime.colour.profiles import to_srgb
from pspm_runtime.constants import (
    MIRROR_AGREES,
    MIRROR_AROUND,
    MIRROR_DIFFERS,
    MOST_ENLARGED,
    PERSON_SHARE,
    SMALL_SIDE,
)
from pspm_runtime.engines.engine import Engine
from pspm_runtime.engines.limits import check_alpha
from pspm_runtime.files.photo import Photo
from pspm_runtime.stages.box_filter import box_mean
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
    """The view of a part of a photo: RGB of a size that the network takes, transparent parts over white.

    Only the view of a whole photo is bounded by `MOST_ENLARGED`: much enlarged, fewer things are taken for people.
    """
    rule = for_thumbnails(engine.size, photo.image.size) if box == whole(photo) else engine.size
    return network_view(photo.image, photo.transparency, view_size(rule, box, turn), box)


def for_thumbnails(rule: InputSize, size: tuple[int, int]) -> InputSize:
    """The rule for views of a whole photo of this (width, height), which are not enlarged further than is useful."""
    return rule.smaller(round(MOST_ENLARGED * (size[0] * size[1]) ** 0.5))


def seen_from(photo: Photo, look: Look) -> Image.Image:
    """The view that a look at the same part of another photo of the same size would have: RGB of (w, h)."""
    return network_view(photo.image, photo.transparency, look.view.size, look.box)


def look_at(engine: Engine, photo: Photo, box: Box, turn: int = 0) -> Look:
    """Show a part of a photo to a network without a trimap. Raises ModelError for what is not a matte."""
    return look_at_view(engine, photo, box, view_of(engine, photo, box, turn), turn)


def smaller_look(engine: Engine, photo: Photo, look: Look, turn: int) -> Look:
    """Show the network the view of a look again, reduced to the area `SMALL_SIDE`^2, and turned.

    The look itself where that is what the network saw already. Raises ModelError for what is not a matte.
    """
    size = view_size(for_thumbnails(engine.size, photo.image.size).smaller(SMALL_SIDE), look.box, turn)
    if size == look.view.size and turn == look.turn:
        return look
    return look_at_view(engine, photo, look.box, resize_to_view(look.view, size), turn)


def with_mirror_image(engine: Engine, photo: Photo, look: Look) -> Look:
    """The look with what its matte and that of its mirror image agree on. Raises ModelError for what is not a matte."""
    other = mirrored_matte_of(engine, _seen(photo, look.view, look.turn))
    return replace(look, alpha=agreed(look.alpha, np.rot90(other, -look.turn)))


def agreed(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """One matte of two of the same view, float32 (h, w): their mean, but the smaller one where they differ much.

    Hair differs little and gains from the mean. What only one of them takes for a part of the person, such as
    furniture, is left out.
    """
    difference = np.abs(one - other)
    doubt = (box_mean(difference, MIRROR_AROUND) - MIRROR_AGREES) / (MIRROR_DIFFERS - MIRROR_AGREES)
    alpha: np.ndarray = (one + other - np.clip(doubt, 0, 1) * difference) / 2
    return alpha


def matte_of(engine: Engine, pixels: np.ndarray) -> np.ndarray:
    """The network's matte of RGB pixels: float32 (h, w). Raises ModelError for what is not a matte."""
    alpha = engine.alpha(np.ascontiguousarray(pixels))
    check_alpha(alpha, pixels.shape[1], pixels.shape[0])
    return alpha


def mirrored_matte_of(engine: Engine, pixels: np.ndarray) -> np.ndarray:
    """The matte of RGB pixels that the network answers for their mirror image, mirrored back: float32 (h, w)."""
    return matte_of(engine, pixels[:, ::-1])[:, ::-1]


def look_at_view(engine: Engine, photo: Photo, box: Box, view: Image.Image, turn: int = 0) -> Look:
    """Show a network the view of a part of a photo. Raises ModelError for what is not a matte."""
    alpha = matte_of(engine, _seen(photo, view, turn))
    return Look(box, np.ascontiguousarray(np.rot90(alpha, -turn)) if turn else alpha, view, turn)


def _seen(photo: Photo, view: Image.Image, turn: int) -> np.ndarray:
    """What the network sees of a view: sRGB (h, w, 3) uint8, turned."""
    return np.rot90(np.asarray(to_srgb(view, photo.icc_profile)), turn)


def softness(alpha: np.ndarray) -> float:
    """How far a matte is from 0 and 1, by its mean: 0 for a hard one, 1 for one that is faint everywhere or empty."""
    mean = float(alpha.mean())
    return float(np.minimum(alpha, 1 - alpha).mean()) / mean if mean >= PERSON_SHARE else 1.0


def agreement(look: Look, small: Look) -> float:
    """Intersection over union of the people in a look and in one at the same box with a smaller view."""
    reduced = np.asarray(Image.fromarray(look.alpha).resize(small.view.size, Image.Resampling.BILINEAR))
    one, other = reduced > 0.5, small.alpha > 0.5
    return float((one & other).sum()) / max(1.0, float((one | other).sum()))
