"""Silence the converters, which print warnings, log lines and progress bars."""

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr

from pspm_runtime.engines.native_stderr import native_quiet


@contextmanager
def quiet() -> Iterator[None]:
    """Hide Python warnings, log lines up to WARNING, and everything on stderr. Exceptions pass."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), redirect_stderr(io.StringIO()), native_quiet():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
