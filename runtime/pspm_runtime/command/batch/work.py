"""Run an effect on many photos, one after the other, or in several processes."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from pspm_runtime.command.batch.plan import Job
from pspm_runtime.command.effect import Effect
from pspm_runtime.errors import PhotoError, PspmError
from pspm_runtime.files.metadata.metadata import read_metadata
from pspm_runtime.files.photo import PhotoInput
from pspm_runtime.files.save import NO_METADATA, QUALITY, encode

Outcome = bytes | PspmError


@dataclass(frozen=True)
class Work:
    """From a photo to the bytes of its result.

    suffix: of the format. quality: if it is lossy. metadata and gps: what to keep of the photo's metadata.
    """

    effect: Effect
    suffix: str
    quality: int = QUALITY
    metadata: bool = False
    gps: bool = False

    def open(self) -> Callable[[bytes | Path], bytes]:
        """Load what the effect needs, and return the function from a photo to the bytes of its result."""
        apply: Callable[[PhotoInput], Image.Image] = self.effect.open()

        def work(photo: bytes | Path) -> bytes:
            result = apply(photo)
            keeps = self.metadata or self.gps
            found = read_metadata(photo, self.effect.max_megapixels, gps=self.gps) if keeps else NO_METADATA
            return encode(result, self.suffix, self.quality, found)

        return work


def outcomes(jobs: Iterator[Job], work: Work, processes: int) -> Generator[tuple[Job, Outcome]]:
    """Yield every job with the bytes of its result or with its error, in the order of the jobs.

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


def attempt(apply: Callable[[bytes | Path], bytes], photo: Path) -> Outcome:
    """The bytes of a photo's result, or the error that one photo causes."""
    try:
        return apply(photo)
    except PspmError as error:
        return error
    except MemoryError:
        return PhotoError(f"there is not enough memory for {photo}; make it smaller")
    except Exception as error:  # one photo must not end the run for all others
        return PhotoError(f"{photo} cannot be processed ({type(error).__name__}: {error}); choose another copy of it")
