"""Pipeline: stages that work at the same time, each in a thread, with short queues between them."""

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

# Frames in a queue; more of them take memory and no less time.
DEPTH = 1
_POLL = 0.1


class Ahead(Generic[T]):
    """Runs an iterator in a thread, a few items ahead of whoever takes them. An exception comes in its place.

    `close` ends the thread and closes the iterator; use it as a context.
    """

    def __init__(self, items: Iterator[T], depth: int = DEPTH) -> None:
        self._items = items
        self._queue: queue.Queue[tuple[bool, T | BaseException | None]] = queue.Queue(depth)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __enter__(self) -> "Ahead[T]":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> "Ahead[T]":
        return self

    def __next__(self) -> T:
        is_item, value = self._queue.get()
        if is_item:
            return value  # type: ignore[return-value]
        self._queue.put((False, value))  # it ends again for whoever asks again
        if isinstance(value, BaseException):
            raise value
        raise StopIteration

    def close(self) -> None:
        """End the thread, after what it does now."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            for item in self._items:
                if not self._put((True, item)):
                    break
            end: BaseException | None = None
        except BaseException as error:
            end = error
        close = getattr(self._items, "close", None)
        if close:
            close()
        self._put((False, end))

    def _put(self, entry: "tuple[bool, T | BaseException | None]") -> bool:
        while not self._stopped.is_set():
            try:
                self._queue.put(entry, timeout=_POLL)
            except queue.Full:
                continue
            return True
        return False


def interruptible(work: Callable[[threading.Event], R]) -> R:
    """Run a function in a thread and wait for it. Ctrl-C asks it to stop, and is raised when it has.

    work: gets an event that is set when it should finish what it has and return.
    """
    stop, done = threading.Event(), threading.Event()
    results: list[R] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work(stop))
        except BaseException as error:
            errors.append(error)
        done.set()

    thread = threading.Thread(target=run, daemon=True)
    interrupt: BaseException | None = None
    started = False
    while not done.is_set():
        try:
            if not started:
                started = True  # Ctrl-C may come while the thread starts
                thread.start()
            # Not `thread.join`: in Python 3.11, one that is interrupted takes the thread for ended.
            done.wait(_POLL)
        except KeyboardInterrupt as error:
            interrupt = interrupt or error
            stop.set()
            if thread.ident is None and not done.wait(1) and thread.ident is None:  # it was not started
                raise
    if interrupt is not None:
        raise interrupt
    if errors:
        raise errors[0]
    return results[0]
