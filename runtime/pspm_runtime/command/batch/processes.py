"""Run an effect on many photos in several processes."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path

from pspm_runtime.command.batch.plan import Job
from pspm_runtime.command.batch.work import Outcome, Work, attempt
from pspm_runtime.command.standard_streams import hide_pillow_warnings
from pspm_runtime.errors import PspmError


def in_processes(jobs: Iterator[Job], work: Work, processes: int) -> Generator[tuple[Job, Outcome]]:
    """Yield what `outcomes` does. Raises PspmError if the system ends a process."""
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
    return attempt(_apply, photo)
