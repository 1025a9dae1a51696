"""Limits that hold for every engine: threads, runs at once, and what a network may answer."""

import os
from typing import Any

import numpy as np

from pspm_runtime.arguments import shown
from pspm_runtime.errors import ModelError

MAX_THREADS = 256


def check_threads(threads: int | None) -> None:
    """Raise ModelError unless threads is None or a whole number from 1 to `MAX_THREADS`."""
    given: Any = threads
    if given is None:
        return
    if isinstance(given, bool) or not isinstance(given, int | np.integer) or not 1 <= given <= MAX_THREADS:
        raise ModelError(f"{shown(given)} threads cannot run a network; give 1 or more, at most {MAX_THREADS}")


def cores() -> int:
    """How many cores this process may use."""
    available = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(available(0)) if available else os.cpu_count() or 1


def check_alpha(alpha: Any, width: int, height: int) -> None:
    """Raise ModelError unless a network's answer is a finite matte of the view's size."""
    shape = np.shape(alpha)
    if shape != (height, width):
        raise ModelError(
            f"the network answers {'x'.join(map(str, shape)) or 'one number'} for a view of height x width "
            f"{height}x{width}; export it again"
        )
    if not np.isfinite(alpha).all():
        raise ModelError("the network answers values that are not finite; export it again, or choose another model")
