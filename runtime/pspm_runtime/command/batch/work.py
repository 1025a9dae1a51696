"""What is done for each photo of a run: from its bytes to those of its result."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from pspm_runtime.command.batch.planning.plan import Job
from pspm_runtime.command.batch.task import R
from pspm_runtime.command.effect import Effect
from pspm_runtime.constants import QUALITY
from pspm_runtime.errors import PhotoError, PspmError
from pspm_runtime.files.animation import Animation, open_frames
from pspm_runtime.files.encoding.encode import FORMATS, encode
from pspm_runtime.files.encoding.encode_animation import encode_animation
from pspm_runtime.files.encoding.wide_image import WideImage
from pspm_runtime.files.metadata.metadata import NO_METADATA, Metadata, read_metadata
from pspm_runtime.files.photo import Photo, PhotoInput, open_photo
from pspm_runtime.model import Model

# How long a page without a duration is shown in an animation, in milliseconds.
PAGE_DURATION = 1000


@dataclass(frozen=True)
class Result:
    """The bytes of a photo's result, how many further frames of it were left out, and whether it holds a person."""

    data: bytes
    frames_left: int = 0
    has_person: bool = True


Outcome = Result | PspmError


@dataclass(frozen=True)
class Work:
    """From a photo to the bytes of its result.

    suffix: of the format. quality: if it is lossy. metadata and gps: what to keep of the photo's metadata.
    frames: whether to take all frames of an animation or pages of a file.
    """

    effect: Effect
    suffix: str
    quality: int = QUALITY
    metadata: bool = False
    gps: bool = False
    frames: bool = False

    def open(self, loaded: Model | None = None) -> Callable[[bytes | Path], Result]:
        """Load what the effect needs, and return the function from a photo to its result; of frames, an animation.

        loaded: the model, where a caller has loaded it already.
        """
        apply = self.effect.open(loaded)

        def work(photo: bytes | Path) -> Result:
            if self.frames:
                frames = open_frames(photo, self.effect.max_megapixels)
                if len(frames) > 1 or self.suffix not in FORMATS:
                    return self._animation(apply, frames, photo)
            opened = open_photo(photo, self.effect.max_megapixels)
            result, has_person = apply(opened)
            data = encode(result, self.suffix, self.quality, self._metadata(photo))
            return Result(data, 0 if self.frames else opened.frames - 1, has_person)

        return work

    def for_jobs(self) -> Callable[[Job], Outcome]:
        """See `Task`."""
        apply = self.open()
        return lambda job: attempt(apply, job.photo)

    def in_one_of(self, processes: int) -> "Work":
        """See `Task`: the processes share the cores, unless the user has said how many threads each may use."""
        if self.effect.threads is not None:
            return self
        share = max(1, (os.cpu_count() or 1) // processes)
        return replace(self, effect=replace(self.effect, threads=share))

    def ended_its_process(self, job: Job) -> Outcome:
        """See `Task`."""
        return killer(job.photo)

    def open_each(self) -> Callable[[bytes | Path], tuple[int, Iterator[Result]]]:
        """Load what the effect needs, and return the function from a photo to its frames' number and results."""
        apply = self.effect.open()

        def work(photo: bytes | Path) -> tuple[int, Iterator[Result]]:
            frames = open_frames(photo, self.effect.max_megapixels)
            found = self._metadata(photo)
            applied = (apply(frame) for frame in frames)
            return len(frames), (
                Result(encode(result, self.suffix, self.quality, found), has_person=has_person)
                for result, has_person in applied
            )

        return work

    def _animation(
        self,
        apply: Callable[[PhotoInput | Photo], tuple[Image.Image | WideImage, bool]],
        frames: Animation,
        photo: bytes | Path,
    ) -> Result:
        has_person = False

        def timed() -> Iterator[tuple[Image.Image | WideImage, float]]:
            nonlocal has_person
            for frame in frames:
                result, has_one = apply(frame)
                has_person = has_person or has_one
                yield result, frame.duration if frames.is_played else PAGE_DURATION

        loop = frames.loop if frames.is_played else 0
        data = encode_animation(timed(), len(frames), self.suffix, self.quality, loop, self._metadata(photo))
        return Result(data, has_person=has_person)

    def _metadata(self, photo: bytes | Path) -> Metadata:
        if not (self.metadata or self.gps):
            return NO_METADATA
        return read_metadata(photo, self.effect.max_megapixels, gps=self.gps)


def attempt(apply: Callable[[Any], R], photo: Any, name: object = None) -> R | PspmError:
    """A photo's result, or the error that one photo causes. name: of the photo in errors, if it is not a path."""
    name = photo if name is None else name
    try:
        return apply(photo)
    except PspmError as error:
        return error
    except MemoryError:
        return PhotoError(f"there is not enough memory for {name}; make it smaller")
    except Exception as error:  # one photo must not end the run for all others
        return PhotoError(f"{name} cannot be processed ({type(error).__name__}: {error}); choose another copy of it")


def killer(photo: object) -> PhotoError:
    """The error of a photo that ended its process, also alone."""
    return PhotoError(f"{photo} ended the process that worked on it, most likely for lack of memory; make it smaller")
