"""Wait and try again where a store asks for it or cannot be reached for a moment."""

import random
import re
import time
from collections.abc import Callable
from typing import TypeVar

from pspm_runtime.command.job.item import JobStoppedError

R = TypeVar("R")

# Seconds before each further try: about two minutes together.
WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
_PASSING = re.compile(
    r"slow[ _]?down|throttl|too[ _]?many[ _]?requests|request[ _]?limit|service[ _]?unavailable"
    r"|internal[ _]?(error|failure)"
    r"|network[ _]?connection|could ?n[o']t (connect|resolve)|connection (reset|refused|closed|aborted)"
    r"|time[sd]?[ -]?out|temporar|unreachable|http (status|code):? ?(429|5\d\d)|\b(429|500|502|503|504)\b",
    re.IGNORECASE,
)


def patiently(action: Callable[[], R], name: str) -> R:
    """The result of an action on a store, which is tried again after a wait when the store is busy.

    name: of what is read or written. Raises JobStoppedError when the store stays busy, and other OSErrors at once.
    """
    for wait in (*WAITS, None):
        try:
            return action()
        except FileNotFoundError:
            raise
        except OSError as error:
            if not is_passing(error):
                raise
            if wait is None:
                raise JobStoppedError(
                    f"{name} cannot be reached ({reason(error)}); give the command again later to go on"
                ) from None
        time.sleep(wait * random.uniform(0.5, 1.5))  # noqa: S311 - so that many workers do not come back at once
    raise AssertionError


def is_passing(error: OSError) -> bool:
    """Whether an error of a store may pass by itself."""
    return bool(_PASSING.search(str(error)))


def reason(error: Exception) -> str:
    """The sentence of a library in one line that is not too long."""
    text = " ".join(str(error).split())
    return text if len(text) <= 200 else f"{text[:120]} ... {text[-75:]}"
