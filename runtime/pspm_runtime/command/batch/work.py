"""Run an effect on many photos, one after the other, or in several processes."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from pspm_runtime.command.batch.planning.plan import Job
from pspm_runtime.command.effect import Effect
from pspm_runtime.errors import PhotoError, PspmError
from pspm_runtime.files.animation import Animation, open_frames
from pspm_runtime.files.encoding.encode_animation import encode_animation
from pspm_runtime.files.encoding.wide_image import WideImage
from pspm_runtime.files.metadata.metadata import Metadata, read_metadata
from pspm_runtime.files.photo import Photo, PhotoInput, open_photo
from pspm_runtime.files.save import FORMATS, NO_METADATA, QUALITY, encode
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


def outcomes(jobs: Iterator[Job], work: Work, processes: int) -> Generator[tuple[Job, Outcome]]:
    """Yield every job with its result or with its error, in the order of the jobs.

    With several processes, at most two jobs for each are taken ahead. Stopping the iterator ends the processes.
    """
    if processes == 1:
        apply = work.open()
        for job in jobs:
            yield job, attempt(apply, job.photo)
    else:
        # Imported here, because multiprocessing would slow every start of the command.
        from pspm_runtime.command.batch.processes import in_processes

        yield from in_processes(jobs, work, processes)


def attempt(apply: Callable[[bytes | Path], Result], photo: Path) -> Outcome:
    """A photo's result, or the error that one photo causes."""
    try:
        return apply(photo)
    except PspmError as error:
        return error
    except MemoryError:
        return PhotoError(f"there is not enough memory for {photo}; make it smaller")
    except Exception as error:  # one photo must not end the run for all others
        return PhotoError(f"{photo} cannot be processed ({type(error).__name__}: {error}); choose another copy of it")
