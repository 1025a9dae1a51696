"""Read a file frame by frame."""

import io
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from pspm_runtime.errors import PhotoError
from pspm_runtime.files.decoding.decoders import check_limit, check_size, open_image, reason
from pspm_runtime.files.decoding.frames import Frames, find_frames
from pspm_runtime.files.decoding.quiet import quiet_decoders
from pspm_runtime.files.decoding.tiff import check_tiff
from pspm_runtime.files.file_object import name_of, read_file_object
from pspm_runtime.files.photo import (
    MAX_MEGAPIXELS,
    Photo,
    PhotoInput,
    bytes_as_file,
    decode,
    from_path,
    open_photo,
    path_text,
    wrong_type,
)


class Animation:
    """The frames or pages of a file, in their order; each is read when it is reached, and none is kept.

    loop: how often an animation is played, 0 for without end, None for once.
    is_played: whether it is an animation, and not pages.
    """

    def __init__(self, photo: PhotoInput | Photo, max_megapixels: float) -> None:
        self._max_megapixels = max_megapixels
        self._single: Photo | None = None
        self._file: BinaryIO | None = None
        self._image: Image.Image | None = None
        self.name = "the PIL image given as photo"
        if isinstance(photo, Photo | np.ndarray):
            self._single = open_photo(photo, max_megapixels)
        elif isinstance(photo, Image.Image):
            self._image = photo
        else:
            self._file, self.name = _in_memory(photo, max_megapixels)
        with quiet_decoders():
            self._frames = Frames((0,)) if self._single else self._found(self._open())
        self.loop = self._frames.loop
        self.is_played = self._frames.is_played

    def __len__(self) -> int:
        return len(self._frames)

    def __iter__(self) -> Iterator[Photo]:
        """Yield each frame as a photo. Raises PhotoError for one that is damaged or larger than the limit."""
        if self._single:
            yield self._single
            return
        image = self._open()
        position = image.tell()
        try:
            for number, place in enumerate(self._frames.places, 1):
                with quiet_decoders():
                    photo = self._read(image, number, place)
                yield photo
        finally:
            if self._image:
                image.seek(position)

    def _open(self) -> Image.Image:
        if self._image:
            return self._image
        assert self._file is not None  # noqa: S101 - for the type checker
        return open_image(self._file, self.name, self._max_megapixels)

    def _found(self, image: Image.Image) -> Frames:
        position = image.tell()
        frames = find_frames(image)
        with suppress(Exception):  # the damage is reported when the frame is read
            image.seek(position)
        return frames

    def _read(self, image: Image.Image, number: int, place: int) -> Photo:
        name = f"frame {number} of {self.name}" if len(self) > 1 else self.name
        try:
            image.seek(place)
        except Exception as error:  # decoders raise almost anything for a damaged file
            raise PhotoError(f"{name} is damaged ({reason(error)}); choose another copy of it") from None
        check_size(*image.size, name, self._max_megapixels)
        check_tiff(image, name, self._max_megapixels)
        # The file's code points are those of the first picture of a HEIC.
        photo = decode(image, name, None if image.format == "HEIF" else self._file)
        if photo.image is image:
            photo = replace(photo, image=image.copy())  # the next frame is decoded into the same image
        shown: Any = image.info.get("duration", 0)
        return replace(photo, frames=len(self), duration=float(shown) if isinstance(shown, int | float) else 0)


def open_frames(photo: PhotoInput | Photo, max_megapixels: float = MAX_MEGAPIXELS) -> Animation:
    """The frames of an animated GIF, WebP, APNG or AVIF, the pages of a TIFF, or the pictures of an MPO or HEIC.

    Any other photo is its only frame. Raises PhotoError, as `open_photo` does.
    """
    return Animation(photo, check_limit(max_megapixels))


def _in_memory(photo: Any, max_megapixels: float) -> tuple[BinaryIO, str]:
    """The file of a photo, and its name."""
    if isinstance(photo, bytes | bytearray | memoryview):
        return bytes_as_file(photo, "the bytes given as photo"), "the bytes given as photo"
    if isinstance(photo, str | os.PathLike):
        return from_path(
            path_text(photo, "photo"), max_megapixels, lambda file, name, _: (io.BytesIO(file.read()), name)
        )
    if hasattr(photo, "read"):
        name = name_of(photo, "the file object given as photo")
        return read_file_object(photo, name, max_megapixels), name
    raise wrong_type(photo, "photo")
