"""Check the arguments of a caller: numbers, flags, and how an error message shows them."""

import reprlib
from typing import Any

import numpy as np

from pspm_runtime.errors import PspmError

_LONGEST = 80


def as_number(value: Any) -> float | None:
    """The value as a float if it is a real number, numpy's included; None for anything else, such as True and "2"."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        return None
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def check_flag(value: Any, name: str) -> bool:
    """The value if it is True or False, numpy's included. Raises PspmError for anything else."""
    if not isinstance(value, bool | np.bool_):
        raise PspmError(f"{name} must be True or False, not {shown(value)}")
    return bool(value)


def shown(value: Any) -> str:
    """The value as an error message shows it: one short line, whatever the value is."""
    try:
        text = reprlib.repr(value)
    except Exception:  # the caller's object may raise anything, and integers of 4,300 digits do
        return f"a value of type {type(value).__name__}"
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def type_name(value: Any) -> str:
    """The name of the value's type, with its module unless it is built in."""
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
