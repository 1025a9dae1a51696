"""`pspm prepare`; what it needs is only imported when it runs."""

from typing import Any


def add_prepare(subcommands: Any) -> None:
    """Add `pspm prepare`: mattes from hard masks."""
