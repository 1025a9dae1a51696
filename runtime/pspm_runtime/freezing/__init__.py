"""Hooks for programs that freeze Python applications: PyInstaller finds them by an entry point of the package."""

from pathlib import Path


def hook_folders() -> list[str]:
    """The folders with hooks for PyInstaller."""
    return [str(Path(__file__).parent)]
