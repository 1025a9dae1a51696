"""Keep decoders quiet: Pillow warns and logs about damaged files, and libtiff prints its errors to standard error."""

import ctypes
import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from PIL import _imaging

# void handler(const char *module, const char *format, va_list values)
_Handler = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


class _QuietThreads(threading.local):
    """How often the running thread has entered `quiet_decoders`."""

    depth = 0

    def match(self, module: str) -> bool:
        """Whether a warning of any module is to be dropped; `warnings` calls this on the filter's module pattern."""
        return self.depth > 0


_quiet = _QuietThreads()
_FILTER = ("ignore", None, Warning, _quiet, 0)
# The only logger of Pillow with errors, which Python prints where a program has set up no logging.
logging.getLogger("PIL.TiffImagePlugin").addFilter(lambda record: _quiet.depth == 0)


@contextmanager
def quiet_decoders() -> Iterator[None]:
    """Drop what Pillow warns and logs and what libtiff prints in the running thread; others are not affected.

    `warnings.catch_warnings` would change the filters of all threads. This adds one filter, which matches nothing
    outside of this context, and stays.
    """
    filters: Any = warnings.filters
    if not filters or filters[0] is not _FILTER:
        filters.insert(0, _FILTER)
    _quiet.depth += 1
    try:
        yield
    finally:
        _quiet.depth -= 1


@cache
def quiet_libtiff() -> Any:
    """Give Pillow's libtiff an error handler that drops the messages of threads in `quiet_decoders`, once per process.

    Others go to the handler that was there. Where Pillow does not export libtiff, as on Windows, nothing changes.
    Returns the handler, which has to stay alive.
    """
    try:
        replace = ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler
    except (AttributeError, OSError):
        return None
    replace.restype = ctypes.c_void_p
    earlier: list[Any] = []

    def handle(module: int | None, text: int | None, values: int | None) -> None:
        if not _quiet.depth and earlier:
            earlier[0](module, text, values)

    handler = _Handler(handle)
    found = replace(handler)
    if found:
        earlier.append(_Handler(found))
    return handler
