"""Run an effect on many photos in several processes."""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from pspm_runtime.command.batch.planning.plan import Job
from pspm_runtime.command.batch.work import Outcome, Result, Work, attempt
from pspm_runtime.command.standard_streams import hide_pillow_warnings
from pspm_runtime.errors import PhotoError, PspmError
from pspm_runtime.worker_processes import end_with_parent, interrupts_held_back

# So many photos in a row that end their process even alone mean that no process can work here.
_GIVE_UP_AFTER = 3


def in_processes(jobs: Iterator[Job], work: Work, processes: int) -> Generator[tuple[Job, Outcome]]:
    """Yield what `outcomes` does. A photo that ends its process is tried once more, alone, and then fails.

    Raises PspmError if processes end whatever they work on.
    """
    if work.effect.threads is None:
        share = max(1, (os.cpu_count() or 1) // processes)
        work = replace(work, effect=replace(work.effect, threads=share))
    work.open()  # raises for wrong options here, where it can be reported
    with closing(_Workers(work, processes)) as workers:
        waiting: deque[tuple[Job, Future[Outcome]]] = deque()
        for job in jobs:
            waiting.append((job, workers.submit(job.photo)))
            if len(waiting) >= 2 * processes or waiting[0][1].done():
                yield _next(waiting, workers)
        while waiting:
            yield _next(waiting, workers)
        workers.finish()


def _next(waiting: "deque[tuple[Job, Future[Outcome]]]", workers: "_Workers") -> tuple[Job, Outcome]:
    job, future = waiting[0]
    if isinstance(future.exception(), BrokenProcessPool):
        _try_alone(waiting, workers)
    job, future = waiting.popleft()
    return job, future.result()


def _try_alone(waiting: "deque[tuple[Job, Future[Outcome]]]", workers: "_Workers") -> None:
    """Process again, one after the other, the photos that were lost when a process ended: which one ended it?"""
    lost = [i for i, (_, future) in enumerate(waiting) if isinstance(future.exception(), BrokenProcessPool)]
    for i in lost:
        settled: Future[Outcome] = Future()
        settled.set_result(workers.alone(waiting[i][0].photo))
        waiting[i] = waiting[i][0], settled


class _Workers:
    """A pool of processes that is replaced when one of them ends, for lack of memory or by a fault in a decoder."""

    def __init__(self, work: Work, processes: int) -> None:
        self._work = work
        self._processes = processes
        self._ended_alone = 0
        self._start()

    def submit(self, photo: Path) -> "Future[Outcome]":
        """Begin with a photo. A pool that broke gives a future that says so."""
        try:
            with interrupts_held_back():
                return self._pool.submit(_in_worker, photo)
        except BrokenProcessPool as error:
            broken: Future[Outcome] = Future()
            broken.set_exception(error)
            return broken

    def alone(self, photo: Path) -> Outcome:
        """Process a photo while the others wait. Its error if its process ends again."""
        self._restart()
        try:
            outcome = self.submit(photo).result()
        except BrokenProcessPool:
            self._restart()
            self._ended_alone += 1
            if self._ended_alone == _GIVE_UP_AFTER:
                raise PspmError(
                    "worker processes are ended by the system, most likely for lack of memory; use fewer --jobs"
                ) from None
            return PhotoError(
                f"{photo} ended the process that worked on it, most likely for lack of memory; make it smaller"
            )
        self._ended_alone = 0
        return outcome

    def finish(self) -> None:
        """Let the processes end, when all photos are done: a pool that is killed can print an error as it closes."""
        self._pool.shutdown()

    def close(self) -> None:
        """End the processes. They write no files, so they can be killed at any moment."""
        for process in set(multiprocessing.active_children()) - self._others:
            process.kill()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _restart(self) -> None:
        self.close()
        self._start()

    def _start(self) -> None:
        self._others = set(multiprocessing.active_children())
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(self._processes, context, initializer=_start_worker, initargs=(self._work,))


_apply: Callable[[bytes | Path], Result]


def _start_worker(work: Work) -> None:
    global _apply
    end_with_parent()
    hide_pillow_warnings()
    _apply = work.open()


def _in_worker(photo: Path) -> Outcome:
    return attempt(_apply, photo)
