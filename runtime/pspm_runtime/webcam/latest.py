"""Latest: what one thread hands to another that is slower. It takes the newest item; older ones are dropped."""

import threading
import time
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """A place for one item. dropped: how many were replaced before anybody took them.

    since: when the last one was put there, or the place was made, as `time.monotonic` counts.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self.since = time.monotonic()
        self._items: list[T] = []
        self._ended = False
        self._error: BaseException | None = None
        self._changed = threading.Condition()

    def put(self, item: T) -> None:
        """Put an item in the place of the one that waits."""
        with self._changed:
            self.dropped += len(self._items)
            self.since = time.monotonic()
            self._items = [item]
            self._changed.notify_all()

    def end(self, error: BaseException | None = None) -> None:
        """Say that no more items come, and why, if that is an error."""
        with self._changed:
            self._ended, self._error = True, error
            self._changed.notify_all()

    def take(self, timeout: float) -> T | None:
        """Take the item, wait for one for so many seconds, None if none came.

        Raises the error with which the items ended, and EOFError if they ended without one.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._ended, timeout)
            if self._items:
                return self._items.pop()
            if self._ended:
                raise self._error or EOFError
            return None
