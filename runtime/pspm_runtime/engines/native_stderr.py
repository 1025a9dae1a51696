"""Silence native code, which writes to stderr without going through Python."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STDERR = 2


@contextmanager
def native_quiet() -> Iterator[None]:
    """Drop what native code writes to stderr. This silences the whole process, so keep the context short."""
    try:
        kept = os.dup(STDERR)
    except OSError:  # a process without stderr
        yield
        return
    if sys.stderr is not None:
        sys.stderr.flush()
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), STDERR)
        yield
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)
