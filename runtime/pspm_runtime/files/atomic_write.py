"""Write a file or folder whole or not at all: to a temporary name beside it, then rename."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = ".pspm-"


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` to write a file or a folder to; on success it replaces `path`.

    Missing parent folders are made. After an exception nothing of the temporary path is left and `path` is untouched.
    An older file or folder at `path` is replaced. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=PREFIX) as beside:
        unfinished = Path(beside) / path.name
        yield unfinished
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        os.replace(unfinished, path)  # noqa: PTH105 - the same for files and folders


def remove_unfinished(folder: Path) -> None:
    """Remove the temporary paths that killed processes left in a folder. Raises OSError."""
    for unfinished in folder.glob(f"{PREFIX}*"):
        if unfinished.is_dir():
            shutil.rmtree(unfinished)
