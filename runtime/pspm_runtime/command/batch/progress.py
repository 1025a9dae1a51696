"""A progress bar on a terminal: photos done, their total once it is known, photos per second, time left."""

import os
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

_USUAL_COLUMNS = 80


class Progress:
    """A bar on standard error, if that is a terminal and the bar is wanted; else, and without tqdm, nothing.

    The photos are counted beside the run, so that the first one is not kept waiting. Until then the bar has no total.
    count: gives the photos of the run, to count them; None if they are listed only once.
    """

    def __init__(self, count: Callable[[], Iterable[Any]] | None, *, shown: bool) -> None:
        self._count = count
        self._shown = shown and sys.stderr.isatty()
        self._bar: Any = None
        self._total: int | None = None
        self._stopped = False

    def __enter__(self) -> "Progress":
        if self._shown:
            # Imported here, because most runs of the command need no progress bar.
            try:
                from tqdm import tqdm
            except ImportError:
                return self
            self._bar = tqdm(unit="photo", ncols=_columns(), nrows=2)
            if self._count:
                threading.Thread(target=self._count_photos, args=(self._count,), daemon=True).start()
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self._stopped = True
        if self._bar is not None:
            if error is None:
                self._bar.total = self._bar.n
            self._bar.close()

    def advance(self) -> None:
        """Count one more photo as done."""
        if self._bar is not None:
            self._bar.total = self._total
            self._bar.update()

    def _count_photos(self, count: Callable[[], Iterable[Any]]) -> None:
        photos = 0
        try:
            for _ in count():
                if self._stopped:
                    return
                photos += 1
        except Exception:  # the run itself says what is wrong
            return
        self._total = photos


def _columns() -> int:
    """The width of the terminal; some say that it is 0."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or _USUAL_COLUMNS
    except (OSError, ValueError):
        return _USUAL_COLUMNS
