"""Do a task on a Ray cluster: workers on any machine, each with a model of its own.

Only actors are used. They read and write themselves, so no pixels pass through Ray, and no task of another kind waits
for the cores that they hold. A worker that ends takes at most its two jobs with it: these are given to others.
"""

import os
import signal
import time
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Generic

from pspm_command.early_signals import SIGNALS

from pspm_runtime.command.batch.task import J, R, Task
from pspm_runtime.command.standard_streams import hide_pillow_warnings, print_error
from pspm_runtime.engines.native_stderr import native_quiet
from pspm_runtime.errors import PspmError
from pspm_runtime.extras import needs_extra

# Of each worker: one job in work, one that waits, so that no worker waits for this process.
AHEAD = 2
# So many workers in a row may end with a job before it counts as the reason; the last time it is alone in its worker.
TRIES = 3
NOT_OPEN = "not open"
_GIVE_UP_AFTER = 3
_RESTARTS = 20
_PATIENCE = 30.0
_STARTS = 3


@dataclass(frozen=True)
class Cluster:
    """The workers that a job asks for.

    address: of the cluster, such as "auto"; None for RAY_ADDRESS, or a cluster on this machine. workers: None for as
    many as the cluster has places for. threads: of each. gpu: whether each needs a GPU, or a share of one.
    """

    address: str | None = None
    workers: int | None = None
    threads: int = 1
    gpu: bool = False


def on_ray(jobs: Iterator[J], task: Task[J, R], cluster: Cluster) -> Generator[tuple[J, R]]:
    """Yield every job with its outcome, as they are done. A job that ends its worker three times fails.

    Raises PspmError without Ray or a cluster, and if workers end whatever they work on.
    """
    with needs_extra("cluster"):
        import ray
    with _connected(ray, cluster):
        workers = _Workers(ray, task, cluster)
        try:
            yield from workers.do(jobs)
        finally:
            workers.end()


@contextmanager
def _connected(ray: Any, cluster: Cluster) -> Iterator[None]:
    # Nothing about the use of PSPM leaves the machine.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    address = cluster.address or os.environ.get("RAY_ADDRESS") or "local"
    options = {"include_dashboard": False} if address == "local" else {}
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        with native_quiet():
            _start(ray, address, options)
    except Exception as error:  # Ray raises many, Exception itself among them
        reason = " ".join(str(error).split())[:200]
        place = "a Ray cluster on this machine cannot start" if options else f"Ray at {address} cannot be reached"
        raise PspmError(f"{place} ({reason}); {'try again' if options else 'check --address'}") from None
    finally:
        for number, handler in handlers.items():  # Ray has one of its own for SIGTERM
            if handler is not None:
                signal.signal(number, handler)
    try:
        yield
    finally:
        ray.shutdown()


def _start(ray: Any, address: str, options: dict[str, Any]) -> None:
    """Join a cluster, or start one. On a busy machine that may take longer than Ray waits, so it is tried again.

    Raises what Ray raises.
    """
    for tries_left in reversed(range(_STARTS if options else 1)):
        try:
            ray.init(address, log_to_driver=False, logging_level="ERROR", **options)
        except Exception:
            if not tries_left:
                raise
            ray.shutdown()
        else:
            return


class Worker:
    """What runs in a process of the cluster."""

    def __init__(self) -> None:
        hide_pillow_warnings()
        self._do: Any = None

    def open(self, task: Task[Any, Any]) -> PspmError | None:
        """Load the model; what is wrong if that fails."""
        try:
            self._do = task.for_jobs()
        except PspmError as error:
            return error
        return None

    def do(self, job: Any) -> Any:
        """Do a job; `NOT_OPEN` in a worker that has started again since it was opened."""
        return self._do(job) if self._do else NOT_OPEN


@dataclass
class _Seat:
    """A worker, and the jobs that it has. A worker that is not open yet, or starts again, has no place."""

    actor: Any
    is_open: bool = False
    jobs: int = 0
    alone: bool = False

    @property
    def places(self) -> int:
        return AHEAD - self.jobs if self.is_open and not self.alone else 0


@dataclass
class _Given(Generic[J]):
    job: J
    tries: int = 0
    seat: "_Seat | None" = field(default=None, repr=False)


class _Workers(Generic[J, R]):
    """The workers of a run, and what they are given."""

    def __init__(self, ray: Any, task: Task[J, R], cluster: Cluster) -> None:
        self._ray, self._task = ray, task
        self._ended = (
            ray.exceptions.ActorDiedError,
            ray.exceptions.ActorUnavailableError,
            ray.exceptions.RayActorError,
        )
        self._events: SimpleQueue[tuple[_Seat, _Given[J] | None, Any]] = SimpleQueue()
        self._again: deque[_Given[J]] = deque()
        self._given = 0
        self._ended_alone = 0
        number, gpus = _places(ray.cluster_resources(), cluster)
        # The model is loaded in a call that may be tried again; jobs are not, because one of them may be the reason.
        Worker.open = ray.method(max_task_retries=_RESTARTS)(Worker.open)  # type: ignore[method-assign]
        options = {"num_cpus": cluster.threads, "num_gpus": gpus, "max_restarts": -1, "max_task_retries": 0}
        actor = ray.remote(Worker).options(**options)
        self._shared = ray.put(task)
        self._seats = [_Seat(actor.remote()) for _ in range(number)]
        for seat in self._seats:
            self._open(seat)

    def do(self, jobs: Iterator[J]) -> Generator[tuple[J, R]]:
        """Give jobs to the workers that have a place, and yield them as they are done."""
        started, told = time.monotonic(), False
        is_over = False
        while True:
            while not is_over and not self._again and (seat := self._free()):
                job = next(jobs, None)
                if job is None:
                    is_over = True
                else:
                    self._give(_Given(job), seat)
            self._give_again()
            if is_over and not self._given and not self._again:
                return
            try:
                event = self._events.get(timeout=1)
            except Empty:
                if (
                    not told
                    and not any(seat.is_open for seat in self._seats)
                    and time.monotonic() - started > _PATIENCE
                ):
                    told = True
                    print_error("pspm: waiting for a worker; the cluster has no free place for one, or starts it still")
                continue
            yield from self._settle(*event)

    def end(self) -> None:
        """End the workers. What they write is whole or not there, so they can be ended at any moment."""
        for seat in self._seats:
            self._ray.kill(seat.actor)

    def _settle(self, seat: _Seat, given: _Given[J] | None, future: Any) -> Iterator[tuple[J, R]]:
        error = future.exception()
        if given is None:
            if error is not None or future.result() is not None:
                self._drop(seat, error or future.result())
            else:
                seat.is_open = True
            return
        self._given -= 1
        seat.jobs -= 1
        seat.alone = False
        if error is None and future.result() == NOT_OPEN:
            self._open_again(seat)
            self._again.append(given)
        elif error is None:
            self._ended_alone = 0
            yield given.job, future.result()
        elif not isinstance(error, self._ended):
            raise PspmError(
                f"Ray cannot go on ({' '.join(str(error).split())[:300]}); give the command again"
            ) from error
        else:
            self._open_again(seat)
            given.tries += 1
            if given.tries < TRIES:
                self._again.append(given)
                return
            self._ended_alone += 1
            if self._ended_alone == _GIVE_UP_AFTER:
                raise PspmError(
                    "workers are ended by the system, most likely for lack of memory; use fewer --workers"
                ) from None
            yield given.job, self._task.ended_its_process(given.job)

    def _drop(self, seat: _Seat, error: Any) -> None:
        """Go on without a worker that cannot start; without any, the run ends."""
        self._seats.remove(seat)
        self._ray.kill(seat.actor)
        if isinstance(error, PspmError):  # a wrong option would be the same for all
            raise error
        if not self._seats:
            raise PspmError(f"no worker can start ({' '.join(str(error).split())[:300]}); look into Ray's logs")

    def _free(self) -> _Seat | None:
        """The worker with the most places."""
        seat = max(self._seats, key=lambda seat: seat.places)
        return seat if seat.places > 0 else None

    def _give_again(self) -> None:
        """Give the jobs whose workers have ended to others; for its last try, a job waits for a worker without any."""
        for given in list(self._again):
            seat = self._free()
            is_last = given.tries == TRIES - 1
            if seat is None or (is_last and seat.jobs):
                return
            self._again.popleft()
            seat.alone = is_last
            self._give(given, seat)

    def _give(self, given: _Given[J], seat: _Seat) -> None:
        seat.jobs += 1
        self._given += 1
        self._hear(seat, given, seat.actor.do.remote(given.job))

    def _open(self, seat: _Seat) -> None:
        self._hear(seat, None, seat.actor.open.remote(self._shared))

    def _open_again(self, seat: _Seat) -> None:
        if seat.is_open:
            seat.is_open = False
            self._open(seat)

    def _hear(self, seat: _Seat, given: _Given[J] | None, answer: Any) -> None:
        answer.future().add_done_callback(lambda future: self._events.put((seat, given, future)))


def _places(resources: dict[str, float], cluster: Cluster) -> tuple[int, float]:
    """The number of workers, and the GPUs of each: several workers may share one. Raises PspmError without a GPU."""
    gpus = int(resources.get("GPU", 0))
    if not cluster.gpu:
        return cluster.workers or max(1, int(resources.get("CPU", 1)) // cluster.threads), 0
    if not gpus and cluster.workers is None:
        raise PspmError("the cluster has no GPU; leave out --device, or say with --workers how many it will have")
    workers = cluster.workers or gpus
    return workers, 1 if workers <= gpus or not gpus else gpus / workers
