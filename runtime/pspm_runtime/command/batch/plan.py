"""Find the photos of a run and name their results."""

import glob
import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePath

from pspm_runtime.command.batch.ledger import LEDGER
from pspm_runtime.errors import OutputError, PhotoError, PspmError
from pspm_runtime.files.photo import refuse_url

PHOTO_SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp", ".tif", ".tiff", ".bmp", ".gif"),
    *(".heic", ".heif", ".hif", ".avif", ".jp2", ".j2k", ".jpx", ".jxl", ".tga", ".ppm", ".pgm", ".pnm"),
)
# Its photos drop the suffix: photo.jpg gives photo.png.
PLAIN_SUFFIX = ".jpg"


@dataclass(frozen=True)
class Job:
    """A photo, and the path of its result inside the output folder. error: why it cannot be processed, or None."""

    photo: Path
    result: PurePath
    error: PspmError | None = None


def result_name(photo: str, suffix: str) -> str:
    """Name the result of a photo: photo.jpg gives photo.png, and photo.jpeg, with any other suffix, photo.jpeg.png.

    The name depends on nothing else, and two photos of a folder never get the same one. Letter case may be ignored for
    that, unless the photos' names differ only in it. So a.png.jpg gives a.png.jpg.png: a.png.png is that of a.png.
    """
    stem, own = os.path.splitext(photo)  # noqa: PTH122 - keeps the stem as it is
    return f"{stem}{suffix}" if own == PLAIN_SUFFIX and not _is_photo(stem) else f"{photo}{suffix}"


def _is_photo(name: str) -> bool:
    return name.lower().endswith(PHOTO_SUFFIXES)


def expand(arguments: Sequence[str]) -> tuple[list[Path], bool]:
    """Replace wildcards by the files that match, sorted. Returns the paths, and whether they may be several.

    Raises PhotoError for an empty argument, a URL, and a pattern without a match.
    """
    paths: list[Path] = []
    several = len(arguments) > 1
    for argument in arguments:
        if not argument:
            raise PhotoError("the name of the photo is empty; give a photo, a folder or - for standard input")
        if not os.path.lexists(argument):
            refuse_url(argument)
        if not glob.has_magic(argument) or os.path.lexists(argument):
            paths.append(Path(argument))
            continue
        several = True
        found = sorted(glob.glob(argument, recursive=True))  # noqa: PTH207 - keeps the pattern as it was written
        if not found:
            raise PhotoError(f"{argument} matches no file; check the pattern")
        paths += map(Path, found)
    return paths, several


@dataclass
class Plan:
    """The photos of a run, found while it goes on.

    inputs: photos and folders. With several of them, the results of a folder go to a folder of its name.
    out: the output folder. suffix: of the results.
    left_out: how many files and folders were left out so far, by kind.
    roots: the real paths of all folders that photos were searched in so far.
    """

    inputs: Sequence[Path]
    out: Path
    suffix: str
    several: bool = False
    left_out: Counter[str] = field(default_factory=Counter)
    roots: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        folders = [path for path in self.inputs if _answers(path.is_dir)]
        for folder in folders:
            if self.out.exists() and self.out.samefile(folder):
                raise OutputError(f"{self.out} is the folder of the photos; give another folder with -o")
        self._out = self.out.resolve()
        self.roots += [folder.resolve() for folder in folders]

    def __iter__(self) -> Iterator[Job]:
        names: dict[str, Path] = {}
        for path in self.inputs:
            is_folder = _answers(path.is_dir)
            name = path.resolve().name if is_folder else result_name(path.name, self.suffix)
            if is_folder and not self.several:
                yield from self._jobs_below(path, PurePath())
                continue
            error = self._clash(names, name, path)
            if is_folder and not error:
                yield from self._jobs_below(path, PurePath(name))
            else:
                yield Job(path, PurePath(name), error)

    def _jobs_below(self, source: Path, place: PurePath) -> Iterator[Job]:
        """Yield the photos below a folder, in the order of their names; one folder of each level is in memory."""
        levels = [(place, self._entries(source), dict[str, Path]())]
        while levels:
            place, entries, names = levels[-1]
            entry = next(entries, None)
            if entry is None:
                levels.pop()
            elif _answers(entry.is_dir):
                if self._enters(entry):
                    levels.append((place / entry.name, self._entries(Path(entry.path)), {}))
            elif self._takes(entry):
                photo, name = Path(entry.path), result_name(entry.name, self.suffix)
                yield Job(photo, place / name, self._clash(names, name, photo))

    def _entries(self, folder: Path) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return iter(sorted(entries, key=lambda entry: entry.name))
        except OSError:
            self.left_out["unreadable folder"] += 1
            return iter(())

    def _clash(self, names: dict[str, Path], name: str, photo: Path) -> OutputError | None:
        """The error for a photo whose result has the name of another one's, as far as the disk tells names apart."""
        key = unicodedata.normalize("NFC", name).casefold() if self._ignores_case else name
        first = names.setdefault(key, photo)
        if first is photo:
            return None
        return OutputError(f"{photo} would have the same result as {first}, {name}; give it another folder with -o")

    @cached_property
    def _ignores_case(self) -> bool:
        """Whether the disk of the output folder takes names that differ only in letter case for one name."""
        probe = self.out / f".pspm-case-{os.getpid()}"
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            probe.touch()
            try:
                return probe.with_name(probe.name.upper()).exists()
            finally:
                probe.unlink()
        except OSError:
            return False  # the first result will fail to be written, with a better message

    def _enters(self, folder: os.DirEntry[str]) -> bool:
        """Whether to search a folder. Hidden ones, results, and links to what is searched anyway are left out."""
        real = Path(folder.path).resolve()
        out_is_above = any(root == self._out or self._out in root.parents for root in self.roots)
        kind = None
        if folder.name.startswith("."):
            kind = "hidden"
        elif folder.is_symlink() and any(_contains(root, real) or _contains(real, root) for root in self.roots):
            kind = "link to a folder that is included"
        elif (_contains(self._out, real) and not out_is_above) or _answers((real / LEDGER).exists):
            kind = "folder of results"
        if kind:
            self.left_out[kind] += 1
        elif folder.is_symlink():
            self.roots.append(real)
        return not kind

    def _takes(self, file: os.DirEntry[str]) -> bool:
        kind = None
        if file.name.startswith("."):
            kind = "hidden"
        elif not _is_photo(file.name):
            kind = PurePath(file.name).suffix.lower() or "without suffix"
        elif not _answers(file.is_file):
            kind = "broken link" if file.is_symlink() else "not a regular file"
        if kind:
            self.left_out[kind] += 1
        return not kind


def _contains(folder: Path, path: Path) -> bool:
    return path == folder or folder in path.parents


def _answers(question: Callable[[], bool]) -> bool:
    """The answer of a question to the disk, False for a path that cannot be followed."""
    try:
        return question()
    except OSError:
        return False
