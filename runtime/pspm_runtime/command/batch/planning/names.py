"""Name the results of photos, and find names that a disk takes for one."""

import os
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path

PHOTO_SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp", ".tif", ".tiff", ".bmp", ".gif"),
    *(".heic", ".heif", ".hif", ".avif", ".jp2", ".j2k", ".jpx", ".jxl", ".tga", ".ppm", ".pgm", ".pnm"),
)
# Its photos drop the suffix: photo.jpg gives photo.png.
PLAIN_SUFFIX = ".jpg"


def is_photo(name: str) -> bool:
    """Whether a file's name has the suffix of a photo."""
    return name.lower().endswith(PHOTO_SUFFIXES)


def result_name(photo: str, suffix: str) -> str:
    """Name the result of a photo: photo.jpg gives photo.png, and photo.jpeg, with any other suffix, photo.jpeg.png.

    The name depends on nothing else, and two photos of a folder never get the same one. Letter case may be ignored for
    that, unless the photos' names differ only in it. So a.png.jpg gives a.png.jpg.png: a.png.png is that of a.png.
    """
    stem, own = os.path.splitext(photo)  # noqa: PTH122 - keeps the stem as it is
    return f"{stem}{suffix}" if own == PLAIN_SUFFIX and not is_photo(stem) else f"{photo}{suffix}"


def folded(name: str) -> str:
    """A key that is equal for names that some disk takes for one: it ignores letter case and how accents are coded."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


@dataclass(frozen=True)
class Disk:
    """Answers which names are one on the disk of a folder. unfinished: how the name of a temporary folder begins.

    folder: None for an object store, where no two names are one.
    """

    folder: Path | None
    unfinished: str = ".pspm-"

    def same(self, first: str, second: str) -> bool:
        """Whether two names are equal, or the disk takes them for one. Only names that are equal when folded can be."""
        if self.folder is None or first == second or folded(first) != folded(second):
            return first == second
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.folder, prefix=self.unfinished) as empty:
                Path(empty, first).touch()
                return os.path.lexists(Path(empty, second))
        except OSError:
            return False  # the result will fail to be written, with a better message
