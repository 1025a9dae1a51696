"""A set of folders that answers quickly what is inside or above one of them."""

import os
from collections.abc import Iterator


class FolderSet:
    """Real paths of folders. Each question takes as many steps as a path has parts, however many folders there are."""

    def __init__(self) -> None:
        self._folders: set[str] = set()
        self._above: set[str] = set()

    def add(self, folder: str) -> None:
        """Add a folder by its real path."""
        self._folders.add(folder)
        self._above.update(parents(folder))

    def around(self, path: str) -> Iterator[str]:
        """Yield the folders of the set that contain a real path or are equal to it."""
        return (folder for folder in (path, *parents(path)) if folder in self._folders)

    def contains(self, path: str) -> bool:
        """Whether a real path is in one of the folders, or is one."""
        return any(self.around(path))

    def is_above(self, path: str) -> bool:
        """Whether one of the folders is inside a real path."""
        return path in self._above


def parents(path: str) -> Iterator[str]:
    """Yield the folders that contain an absolute path, the nearest first."""
    while (folder := os.path.dirname(path)) != path:  # noqa: PTH120 - a Path would take ten times as long
        yield folder
        path = folder


def is_inside(path: str, folder: str) -> bool:
    """Whether an absolute path is a folder or inside it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
