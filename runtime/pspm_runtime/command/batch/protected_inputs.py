"""Keep results from replacing what a run reads."""

import os
from collections.abc import Sequence
from pathlib import Path

from pspm_runtime.errors import OutputError


class ProtectedInputs:
    """The files and folders that no result may replace, by whatever name or link.

    files: photos, and the pictures of --with and --trimap. folders: the real paths of folders of photos; the list may
    grow. out: the output folder, which may be inside one of the folders.
    """

    def __init__(self, files: Sequence[Path], folders: Sequence[Path] = (), out: Path | None = None) -> None:
        self._ids = {identity for file in files if (identity := _identity(file))}
        self._folders = folders
        self._out = out.resolve() if out else None

    def check(self, target: Path) -> None:
        """Raise OutputError if the target is an input, or would be among the photos of a folder."""
        identity = _identity(target)
        if identity and identity in self._ids:
            raise OutputError(f"{target} is an input of this command, which is never replaced; choose another name")
        real = Path(os.path.realpath(target))  # unlike Path.resolve, it takes links that lead in a circle
        for folder in self._folders:
            out_is_inside = self._out is not None and folder in self._out.parents and self._out in real.parents
            if folder in real.parents and not out_is_inside:
                raise OutputError(f"{target} is in the folder of the photos; give another folder with -o")


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from all others, the same for each of its names."""
    try:
        facts = os.stat(path)  # noqa: PTH116 - also for names that are too long for Path
    except (OSError, ValueError):
        return None
    return facts.st_dev, facts.st_ino
