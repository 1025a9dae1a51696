"""Write a file or folder whole or not at all: to a temporary name beside it, then rename."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# How the names of temporary folders begin.
UNFINISHED = ".pspm-"


@contextmanager
def atomic_write(path: Path, *, replace: bool = True, prefix: str = UNFINISHED) -> Iterator[Path]:
    """Yield a temporary path beside `path` to write a file or a folder to; on success it replaces `path`.

    Missing parent folders are made. After an exception nothing of the temporary path is left and `path` is untouched.
    An older file or folder at `path` is replaced. With `replace=False`, which is for files, it is kept, even if it
    appears at the last moment, and FileExistsError is raised. prefix: of the temporary name. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=prefix) as beside:
        unfinished = Path(beside) / path.name
        if not replace and os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        yield unfinished
        give_name(unfinished, path, replace=replace)


def give_name(unfinished: Path, path: Path, *, replace: bool) -> None:
    """Move a complete file or folder to its place on the same disk; see `atomic_write`. Raises OSError."""
    if not replace:
        _move_to_new_name(unfinished, path)
        return
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    os.replace(unfinished, path)  # noqa: PTH105 - the same for files and folders


def _move_to_new_name(unfinished: Path, path: Path) -> None:
    """Move a file, unless another one has the name. The disk decides that in one step."""
    try:
        os.link(unfinished, path)  # unlike a rename, it never replaces
    except FileExistsError:
        raise
    except OSError:
        # A disk without hard links: take the name with an empty file, then replace that.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        os.replace(unfinished, path)  # noqa: PTH105


def remove_unfinished(folder: Path) -> None:
    """Remove the temporary paths that killed processes left in a folder. Raises OSError."""
    for unfinished in folder.glob(f"{UNFINISHED}*"):
        if unfinished.is_dir():
            shutil.rmtree(unfinished)
