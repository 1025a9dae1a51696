"""Silence native code, which writes to stderr without going through Python."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STDERR = 2
_lock = threading.Lock()
_open_contexts = 0
_kept: int | None = None


@contextmanager
def native_quiet() -> Iterator[None]:
    """Drop what native code writes to stderr. This silences the whole process, so keep the context short.

    Several threads may be inside at once; stderr is back when the last one leaves.
    """
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _open_contexts, _kept
    with _lock:
        _open_contexts += 1
        if _open_contexts > 1:
            return
        try:
            _kept = os.dup(STDERR)
        except OSError:  # a process without stderr
            return
        if sys.stderr is not None:
            sys.stderr.flush()
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), STDERR)


def _leave() -> None:
    global _open_contexts, _kept
    with _lock:
        _open_contexts -= 1
        if _open_contexts == 0 and _kept is not None:
            os.dup2(_kept, STDERR)
            os.close(_kept)
            _kept = None
