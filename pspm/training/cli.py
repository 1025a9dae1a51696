"""`pspm train`; what it needs is only imported when it runs."""

from typing import Any


def add_train(subcommands: Any) -> None:
    """Add `pspm train`."""
