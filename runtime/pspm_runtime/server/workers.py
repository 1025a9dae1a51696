"""A bounded number of threads that work on photos, and a bounded number of photos that wait for them."""

import asyncio
import math
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, TypeVar, cast

T = TypeVar("T")


class Job(Generic[T]):
    """Some work that waits for a thread, is done by it, or is dropped. `future` gets its result."""

    def __init__(self, work: Callable[[], T], future: "asyncio.Future[T]") -> None:
        self.future = future
        self._work: Callable[[], T] | None = work
        self._lock = threading.Lock()

    def take(self) -> Callable[[], T] | None:
        """The work, for the one who comes first; it is not kept here, because it holds a photo."""
        with self._lock:
            work, self._work = self._work, None
            return work


class Workers(Generic[T]):
    """Threads that do jobs in their order. All methods are called in the thread of the event loop.

    count: how many jobs are in work at once. queue: how many more may wait.
    """

    def __init__(self, count: int, queue: int) -> None:
        self.count = count
        self.places = count + queue
        self.taken = 0
        self.seconds = 1.0  # of a job, a moving average
        self._jobs: SimpleQueue[Job[T] | None] = SimpleQueue()
        self._threads = [threading.Thread(target=self._run, name=f"photo {n}", daemon=True) for n in range(count)]
        for thread in self._threads:
            thread.start()

    @property
    def full(self) -> bool:
        """Whether there is no place for another job."""
        return self.taken >= self.places

    @property
    def wait(self) -> int:
        """In how many whole seconds it is worth trying again, at least one."""
        return max(1, math.ceil((self.taken - self.count) * self.seconds / self.count))

    def submit(self, work: Callable[[], T]) -> Job[T]:
        """Let the work wait for a thread. Ask `full` first."""
        job = Job(work, asyncio.get_running_loop().create_future())
        self.taken += 1
        self._jobs.put(job)
        return job

    def drop(self, job: Job[T]) -> None:
        """Forget a job that still waits. What is in work goes on, and keeps its place, but nobody gets the result."""
        if job.take():
            self.taken -= 1
        job.future.cancel()

    def stop(self, seconds: float = 0) -> bool:
        """Let the threads end after the jobs that wait, and say whether they did so within some time."""
        for _ in self._threads:
            self._jobs.put(None)
        end = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while job := self._jobs.get():
            if work := job.take():
                self._work(job, work)

    def _work(self, job: Job[T], work: Callable[[], T]) -> None:
        started = time.monotonic()
        result: T | None = None
        failure: BaseException | None = None
        try:
            result = work()
        except BaseException as error:  # the thread goes on, whatever a photo does to it
            failure = error
        seconds = time.monotonic() - started
        try:
            job.future.get_loop().call_soon_threadsafe(self._done, job, result, failure, seconds)
        except RuntimeError:  # the loop has ended
            return

    def _done(self, job: Job[T], result: T | None, failure: BaseException | None, seconds: float) -> None:
        self.taken -= 1
        self.seconds += (seconds - self.seconds) / 5
        if job.future.done():  # dropped
            return
        if failure is not None:
            job.future.set_exception(failure)
        else:
            job.future.set_result(cast("T", result))
