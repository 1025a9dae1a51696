"""Run an effect on many photos, in this process or in several."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from pspm_runtime.command.batch.plan import Job
from pspm_runtime.command.effect import Effect
from pspm_runtime.command.standard_streams import hide_pillow_warnings
from pspm_runtime.errors import PhotoError, PspmError
from pspm_runtime.files.metadata import read_metadata
from pspm_runtime.files.photo import PhotoInput
from pspm_runtime.files.save import QUALITY, encode

Outcome = bytes | PspmError


@dataclass(frozen=True)
class Work:
    """From a photo to the bytes of its result.

    suffix: of the format. quality: if it is lossy. metadata and gps: what to keep of the photo's EXIF data.
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
            exif = read_metadata(photo, self.effect.max_megapixels, gps=self.gps) if keeps else b""
            return encode(result, self.suffix, self.quality, exif)

        return work


def outcomes(jobs: Iterator[Job], work: Work, processes: int) -> Generator[tuple[Job, Outcome]]:
    """Yield every job with the bytes of its result or with its error, in the order of the jobs.

    With several processes, at most two jobs for each are taken ahead. Stopping the iterator ends the processes.
    """
    if processes == 1:
        apply = work.open()
        for job in jobs:
            yield job, _attempt(apply, job.photo)
    else:
        yield from _in_processes(jobs, work, processes)


def _in_processes(jobs: Iterator[Job], work: Work, processes: int) -> Generator[tuple[Job, Outcome]]:
    if work.effect.threads is None:
        share = max(1, (os.cpu_count() or 1) // processes)
        work = replace(work, effect=replace(work.effect, threads=share))
    work.open()  # raises for wrong options here, where it can be reported
    context = multiprocessing.get_context("spawn")
    earlier = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(processes, context, initializer=_start_worker, initargs=(work,))
    waiting: deque[tuple[Job, Future[Outcome]]] = deque()
    try:
        for job in jobs:
            waiting.append((job, pool.submit(_in_worker, job.photo)))
            if len(waiting) >= 2 * processes or waiting[0][1].done():
                yield _finished(*waiting.popleft())
        while waiting:
            yield _finished(*waiting.popleft())
    except BrokenProcessPool:
        raise PspmError(
            "a worker process was ended by the system, most likely for lack of memory; use fewer --jobs"
        ) from None
    except BaseException:
        for process in set(multiprocessing.active_children()) - earlier:
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _finished(job: Job, future: "Future[Outcome]") -> tuple[Job, Outcome]:
    return job, future.result()


_apply: Callable[[bytes | Path], bytes]


def _start_worker(work: Work) -> None:
    global _apply
    # The parent ends its workers; if it is killed, they end themselves.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    hide_pillow_warnings()
    _apply = work.open()


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _in_worker(photo: Path) -> Outcome:
    return _attempt(_apply, photo)


def _attempt(apply: Callable[[bytes | Path], bytes], photo: Path) -> Outcome:
    try:
        return apply(photo)
    except PspmError as error:
        return error
    except MemoryError:
        return PhotoError(f"there is not enough memory for {photo}; make it smaller")
    except Exception as error:  # one photo must not end the run for all others
        return PhotoError(f"{photo} cannot be processed ({type(error).__name__}: {error}); choose another copy of it")
