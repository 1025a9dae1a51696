"""Turns: bound how many threads work at once, because each takes memory for its photo."""

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """At most `count` threads are in `turn` at once; the others wait. None: any number."""

    def __init__(self, count: int | None) -> None:
        self._count = count
        self.renew()
        _all.add(self)

    def renew(self) -> None:
        """Give all turns back, in a process that has just been forked: the threads that held them are not in it."""
        self._free = None if self._count is None else threading.BoundedSemaphore(self._count)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn. A thread that has one already goes on at once."""
        if self._free is None or self in _thread.held:
            yield
            return
        self.take()
        _thread.held.append(self)
        try:
            yield
        finally:
            _thread.held.remove(self)
            self.give_back()

    def take(self) -> None:
        """Wait for a turn and take it."""
        if self._free is not None:
            self._free.acquire()

    def give_back(self) -> None:
        """Give a turn back."""
        if self._free is not None:
            self._free.release()


@contextmanager
def others_may_work() -> Iterator[None]:
    """Give the turns of the running thread to others while it waits for a caller's object."""
    held, _thread.held = _thread.held, []
    for turns in held:
        turns.give_back()
    try:
        yield
    finally:
        for turns in held:
            turns.take()
        _thread.held = held


class _Thread(threading.local):
    def __init__(self) -> None:
        self.held: list[Turns] = []


_thread = _Thread()
_all: "weakref.WeakSet[Turns]" = weakref.WeakSet()


def _renew_all() -> None:
    _thread.held = []
    for turns in _all:
        turns.renew()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_renew_all)
