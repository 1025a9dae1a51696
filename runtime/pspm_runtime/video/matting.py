"""Matting: the mattes of frames, one after the other, each a photo of quality `fast` unless asked otherwise."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
from PIL import Image

from pspm_runtime.arguments import shown
from pspm_runtime.bundle import DEFAULT_MODEL
from pspm_runtime.errors import ModelError, VideoError
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.find import shows_somebody
from pspm_runtime.looks.look import Box, Look
from pspm_runtime.looks.merge import merge
from pspm_runtime.looks.quality import GUIDES, Quality, check_quality
from pspm_runtime.model import Model
from pspm_runtime.stages.refine import Guide
from pspm_runtime.video.container.part import Part
from pspm_runtime.video.refine import refine_frame

T = TypeVar("T")
VIDEO_QUALITY: Quality = "fast"


@dataclass(frozen=True)
class Shot(Generic[T]):
    """A frame with the looks that its matte is made of. frame: whatever the caller wants back with the matte.

    guide: of `refine`. parts: what is known of the looks, by their boxes. begins: whether a scene begins with it.
    """

    frame: T
    photo: Photo
    looks: list[Look]
    guide: Guide = "luma"
    parts: dict[Box, Part] = field(default_factory=dict, compare=False, repr=False)
    begins: bool = True

    def part(self, look: Look) -> Part:
        """What is known of one of the looks."""
        part = self.parts.get(look.box)
        if part is None or part.look is not look:
            part = self.parts[look.box] = Part(look)
        return part

    @property
    def matte(self) -> Image.Image:
        """The matte: L, of the frame's size. Where a scene begins, it is exactly that of a photo."""
        if self.begins or self.guide != "luma":
            return merge(self.looks, self.photo.image, self.guide)
        return merge(self.looks, self.photo.image, refined=refine_frame)

    @property
    def has_person(self) -> bool:
        """Whether anybody is in the frame."""
        return shows_somebody(self.looks)


def video_model(model: Model | str | None, quality: Quality = VIDEO_QUALITY) -> Model:
    """The model for a video: the default one, a shipped one by its name, or the engine of a loaded one.

    Raises ModelError for a model that needs a trimap.
    """
    check_quality(quality)
    if not isinstance(model, Model):
        model = Model(DEFAULT_MODEL if model is None else model, quality=quality)
    elif model.quality != quality:
        model = Model(model.engine, max_megapixels=model.max_megapixels, quality=quality)
    if model.engine.takes_trimap:
        raise ModelError("a model that needs a trimap cannot matte a video; choose another one, such as mobile")
    return model


def shots(model: Model, frames: Iterable[tuple[T, Photo]]) -> Iterator[Shot[T]]:
    """Look at frames, one after the other."""
    for frame, photo in frames:
        yield Shot(frame, photo, model.looks(photo), GUIDES[model.quality])


def array_photos(frames: Iterable[np.ndarray]) -> Iterator[tuple[None, Photo]]:
    """Frames that are arrays, RGB (H, W, 3) uint8, as photos. Raises VideoError for anything else."""
    for number, frame in enumerate(frames):
        pixels = np.asarray(frame)
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or 0 in pixels.shape:
            found = f"{pixels.dtype} {pixels.shape}" if isinstance(frame, np.ndarray) else shown(frame)
            raise VideoError(f"frame {number} is {found}; give RGB arrays of the shape (H, W, 3) and the type uint8")
        yield None, Photo(Image.fromarray(np.ascontiguousarray(pixels)))
