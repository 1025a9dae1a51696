"""Write a file whole or not at all."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

from pspm_runtime.errors import OutputError
from pspm_runtime.files.atomic_write import UNFINISHED, atomic_write


def write(
    data: bytes,
    path: Path,
    *,
    force: bool,
    unfinished: str = UNFINISHED,
    before_naming: Callable[[Path], None] | None = None,
) -> None:
    """Write a file whole or not at all, see `atomic_write`.

    A file that is replaced keeps its permissions. If the path is a link, the file that it leads to is replaced.
    unfinished: how the temporary name begins. before_naming: called with the temporary path of the complete file, just
    before it gets its name; an exception of it stops that.
    Raises OutputError if the file exists and `force` is not given, and if it cannot be written.
    """
    try:
        if path.is_dir():
            raise OutputError(f"{path} is a folder; give the name of a file")
        target = Path(os.path.realpath(path)) if force else path
        with atomic_write(target, replace=force, prefix=unfinished) as temporary:
            temporary.write_bytes(data)
            if force and target.exists():
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            if before_naming:
                before_naming(temporary)
    except OSError as error:
        if isinstance(error, FileExistsError) and os.path.lexists(path):
            raise OutputError(f"{path} exists already; give --force to replace it, or choose another name") from None
        raise OutputError(f"{path} cannot be written: {error.strerror}; choose another place") from None
