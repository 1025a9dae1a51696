"""Keep results from replacing what a run reads."""

import os
from collections.abc import Iterable
from pathlib import Path

from pspm_runtime.command.batch.planning.folder_set import FolderSet, is_inside
from pspm_runtime.errors import OutputError


class ProtectedInputs:
    """The files and folders that no result may replace, by whatever name or link.

    files: photos, and the pictures of --with and --trimap. folders: the folders of photos; more may be added later.
    out: the output folder, which may be inside one of the folders.
    """

    def __init__(self, files: Iterable[Path], folders: FolderSet | None = None, out: Path | None = None) -> None:
        self._ids = {identity for file in files if (identity := _identity(file))}
        self._folders = folders or FolderSet()
        self._out = os.path.realpath(out) if out else None

    def check(self, target: Path, photo: Path | None = None) -> None:
        """Raise OutputError if the target is an input or the photo, or would be among the photos of a folder."""
        identity = _identity(target)
        if identity and (identity in self._ids or (photo and identity == _identity(photo))):
            raise OutputError(f"{target} is an input of this command, which is never replaced; choose another name")
        real = os.path.realpath(target)  # unlike Path.resolve, it takes links that lead in a circle
        in_out = self._out is not None and is_inside(real, self._out)
        for folder in self._folders.around(real):
            out_is_inside = self._out is not None and self._out != folder and is_inside(self._out, folder)
            if not (in_out and out_is_inside):
                raise OutputError(f"{target} is in the folder of the photos; give another folder with -o")


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from all others, the same for each of its names."""
    try:
        facts = os.stat(path)  # noqa: PTH116 - also for names that are too long for Path
    except (OSError, ValueError):
        return None
    return facts.st_dev, facts.st_ino
