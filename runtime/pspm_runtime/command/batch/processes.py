"""Run a task on many jobs in several processes."""

import multiprocessing
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from typing import Any, Generic

from pspm_runtime.command.batch.task import J, R, Task
from pspm_runtime.command.standard_streams import hide_pillow_warnings
from pspm_runtime.errors import PspmError
from pspm_runtime.worker_processes import end_with_parent, interrupts_held_back

# So many photos in a row that end their process even alone mean that no process can work here.
_GIVE_UP_AFTER = 3


def in_processes(jobs: Iterator[J], task: Task[J, R], processes: int) -> Generator[tuple[J, R]]:
    """Yield what `outcomes` does. A job that ends its process is tried once more, alone, and then fails.

    Raises PspmError if processes end whatever they work on.
    """
    task = task.in_one_of(processes)
    task.for_jobs()  # raises for wrong options here, where it can be reported
    with closing(_Workers(task, processes)) as workers:
        waiting: deque[tuple[J, Future[R]]] = deque()
        for job in jobs:
            waiting.append((job, workers.submit(job)))
            if len(waiting) >= 2 * processes or waiting[0][1].done():
                yield _next(waiting, workers)
        while waiting:
            yield _next(waiting, workers)
        workers.finish()


def _next(waiting: "deque[tuple[J, Future[R]]]", workers: "_Workers[J, R]") -> tuple[J, R]:
    job, future = waiting[0]
    if isinstance(future.exception(), BrokenProcessPool):
        _try_alone(waiting, workers)
    job, future = waiting.popleft()
    return job, future.result()


def _try_alone(waiting: "deque[tuple[J, Future[R]]]", workers: "_Workers[J, R]") -> None:
    """Do again, one after the other, the jobs that were lost when a process ended: which one ended it?"""
    lost = [i for i, (_, future) in enumerate(waiting) if isinstance(future.exception(), BrokenProcessPool)]
    for i in lost:
        settled: Future[R] = Future()
        settled.set_result(workers.alone(waiting[i][0]))
        waiting[i] = waiting[i][0], settled


class _Workers(Generic[J, R]):
    """A pool of processes that is replaced when one of them ends, for lack of memory or by a fault in a decoder."""

    def __init__(self, task: Task[J, R], processes: int) -> None:
        self._task = task
        self._processes = processes
        self._ended_alone = 0
        self._start()

    def submit(self, job: J) -> "Future[R]":
        """Begin with a job. A pool that broke gives a future that says so."""
        try:
            with interrupts_held_back():
                return self._pool.submit(_in_worker, job)
        except BrokenProcessPool as error:
            broken: Future[R] = Future()
            broken.set_exception(error)
            return broken

    def alone(self, job: J) -> R:
        """Do a job while the others wait. Its error if its process ends again."""
        self._restart()
        try:
            outcome = self.submit(job).result()
        except BrokenProcessPool:
            self._restart()
            self._ended_alone += 1
            if self._ended_alone == _GIVE_UP_AFTER:
                raise PspmError(
                    "worker processes are ended by the system, most likely for lack of memory; use fewer --jobs"
                ) from None
            return self._task.ended_its_process(job)
        self._ended_alone = 0
        return outcome

    def finish(self) -> None:
        """Let the processes end, when all photos are done: a pool that is killed can print an error as it closes."""
        self._pool.shutdown()

    def close(self) -> None:
        """End the processes. What they write is whole or not there, so they can be killed at any moment."""
        for process in set(multiprocessing.active_children()) - self._others:
            process.kill()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _restart(self) -> None:
        self.close()
        self._start()

    def _start(self) -> None:
        self._others = set(multiprocessing.active_children())
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(self._processes, context, initializer=_start_worker, initargs=(self._task,))


_do: Callable[[Any], Any]


def _start_worker(task: Task[Any, Any]) -> None:
    global _do
    end_with_parent()
    hide_pillow_warnings()
    _do = task.for_jobs()


def _in_worker(job: Any) -> Any:
    return _do(job)
