"""Bound the bytes of all photos that callers are sending or that wait."""

from collections.abc import Iterator
from contextlib import contextmanager


class HeldBytes:
    """The bytes that requests hold, at most `most` of them."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0

    @contextmanager
    def share(self) -> Iterator["Share"]:
        """The share of one request, which is given back at the end."""
        share = Share(self)
        try:
            yield share
        finally:
            share.give_back()


class Share:
    """What one request holds."""

    def __init__(self, whole: HeldBytes) -> None:
        self._whole = whole
        self._count = 0

    def take(self, count: int) -> bool:
        """Hold some bytes more, or say that there is no room for them."""
        if self._whole.held + count > self._whole.most:
            return False
        self._whole.held += count
        self._count += count
        return True

    def give_back(self) -> None:
        """Hold nothing any more."""
        self._whole.held -= self._count
        self._count = 0
