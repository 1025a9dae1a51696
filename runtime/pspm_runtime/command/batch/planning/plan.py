"""Find the photos of a run and name their results."""

import glob
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePath

from pspm_runtime.command.batch.ledger.ledger import PhotoState
from pspm_runtime.command.batch.ledger.ledger_lines import JOB_FOLDER, LEDGER, NamedResults
from pspm_runtime.command.batch.planning.folder_set import FolderSet, is_inside
from pspm_runtime.command.batch.planning.names import Disk, folded, is_photo, result_name
from pspm_runtime.errors import OutputError, PhotoError, PspmError
from pspm_runtime.files.photo import refuse_url

# Files of more kinds are counted as one.
_KINDS = 40


@dataclass(frozen=True)
class Job:
    """A photo, and the path of its result inside the output folder.

    error: why it cannot be processed, or None. state: of the photo's file before it was read.
    """

    photo: Path
    result: PurePath
    error: PspmError | None = None
    state: PhotoState | None = None


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
    """The photos of a run, found while it goes on. What is not a photo is counted.

    inputs: photos and folders. With several of them, the results of a folder go to a folder of its name.
    out: the output folder, None if it is on no disk. suffix: of the results.
    disk: tells which names of results are one.
    left_out: how many files and folders were left out so far, by kind.
    folders: the real paths of all folders that photos were searched in so far.
    """

    inputs: Sequence[Path]
    out: Path | None
    suffix: str
    several: bool = False
    left_out: Counter[str] = field(default_factory=Counter)
    folders: FolderSet = field(default_factory=FolderSet)
    disk: Disk = field(init=False)

    def __post_init__(self) -> None:
        self.disk = Disk(self.out)
        self._out = os.path.realpath(self.out) if self.out else "\0"  # which no path is in
        given = {os.path.realpath(path) for path in self.inputs if _answers(path.is_dir)}
        if not self.several and self._out in given:
            raise OutputError(f"{self.out} is the folder of the photos; give another folder with -o")
        for folder in given - {self._out}:
            self.folders.add(folder)

    def __iter__(self) -> Iterator[Job]:
        if not self.several:
            for path in self.inputs:
                yield from self._jobs_below(path, PurePath())
            return
        taken: dict[str, list[tuple[str, Path]]] = {}
        earlier: NamedResults | None = None
        real_folder = lru_cache(maxsize=64)(os.path.realpath)
        for path in self.inputs:
            is_folder = _answers(path.is_dir)
            name = _own_name(path) if is_folder else result_name(path.name, self.suffix)
            if is_folder and os.path.realpath(path) == self._out:
                self._leave_out("folder of results")
                continue
            folder = real_folder(path.parent)
            if not is_folder and is_inside(folder, self._out):
                earlier = earlier or NamedResults(self._out)
                if PurePath(folder, path.name).relative_to(self._out) in earlier:
                    self._leave_out("made by an earlier run")
                    continue
            first = self._holder(taken, name, path)
            if first and _is_same_file(first, path):
                self._leave_out("given twice")
                continue
            error = None if first is None else _same_result(path, first, name)
            if is_folder and not error:
                yield from self._jobs_below(path, PurePath(name))
            else:
                yield Job(path, PurePath(name), error)

    def _jobs_below(self, source: Path, place: PurePath) -> Iterator[Job]:
        """Yield the photos below a folder: its own ones by name, then those of its folders; one of each level waits."""
        levels = [_Level(source, os.path.realpath(source), place)]
        while levels:
            level = levels[-1]
            if not level.is_listed:
                error = self._list(level)
                if error:
                    yield Job(level.folder, level.place, error)
            if level.photos:
                yield self._job(level, level.photos.pop())
            elif level.folders:
                below = self._level_below(level, level.folders.pop())
                if below:
                    levels.append(below)
            else:
                levels.pop()

    def _job(self, level: "_Level", name: str) -> Job:
        photo, result = level.folder / name, result_name(name, self.suffix)
        # Names that may be one follow each other, because they are sorted so.
        key = folded(result)
        if folded(name) != level.last_key:
            level.last_key, level.last = folded(name), []
        first = next((first for first in level.last if self.disk.same(result, result_name(first, self.suffix))), None)
        error = level.error
        if first is not None:
            error = error or _same_result(photo, level.folder / first, result)
        else:
            level.last.append(name)
            if key in level.folder_keys:
                level.results_like_folders.append(name)
        return Job(photo, level.place / result, error)

    def _level_below(self, level: "_Level", name: str) -> "_Level | None":
        """The level of a folder, or None for one that is left out."""
        folder = level.folder / name
        is_link = name in level.links
        real = os.path.realpath(folder) if is_link else os.path.join(level.real, name)  # noqa: PTH118
        kind = None
        if is_link and self.folders.contains(real):
            kind = "link to a folder that is included"
        elif is_link and self.folders.is_above(real):
            kind = "link to a folder above the photos"
        elif is_inside(real, self._out) and (is_link or not is_inside(level.real, self._out)):
            kind = "folder of results"
        if kind:
            self._leave_out(kind)
            return None
        if is_link:
            self.folders.add(real)
        below = _Level(folder, real, level.place / name, level.error, level.results, f"{level.in_results}{name}/")
        for first in level.results_like_folders:
            if self.disk.same(result_name(first, self.suffix), name):
                below.error = OutputError(
                    f"{level.folder / first} has the result {result_name(first, self.suffix)}, so {folder} needs "
                    "another name, or another folder with -o"
                )
        for other in level.entered:
            if other != name and self.disk.same(other, name):
                below.error = _same_result(folder, level.folder / other, name)
        level.entered = [other for other in level.entered if folded(other) == folded(name)]
        level.entered.append(name)
        return below

    def _list(self, level: "_Level") -> PhotoError | None:
        """Read the names in a folder, and count what is left out. Returns the error of a folder that cannot be read."""
        level.is_listed = True
        found: list[str] = []
        try:
            with os.scandir(level.folder) as entries:
                for entry in entries:
                    self._sort_in(entry, level, found)
        except OSError as error:
            return PhotoError(f"{level.folder} cannot be read: {error.strerror}; check its permissions")
        if level.has_ledger:
            level.results, level.in_results = NamedResults(str(level.folder)), ""
        if level.results:
            photos = [name for name in found if PurePath(level.in_results + name) not in (level.results or ())]
            self._leave_out("made by an earlier run", len(found) - len(photos))
            found = photos
        level.photos = found
        for names in (level.photos, level.folders):
            names.sort(reverse=True)
            names.sort(key=folded, reverse=True)  # names that may be one stay in order
        level.folder_keys = {folded(name) for name in level.folders}
        return None

    def _sort_in(self, entry: "os.DirEntry[str]", level: "_Level", found: list[str]) -> None:
        name, is_link = entry.name, entry.is_symlink()
        if name == LEDGER or (name == JOB_FOLDER and _answers(entry.is_dir)):
            level.has_ledger = True
        elif name.startswith("."):
            self._leave_out("hidden")
        elif _answers(entry.is_dir):
            level.folders.append(name)
            if is_link:
                level.links.add(name)
        elif not is_photo(name):
            self._leave_out(PurePath(name).suffix.lower() or "without suffix")
        elif not _answers(entry.is_file):
            self._leave_out("broken link" if is_link else "not a regular file")
        elif is_link and self._leads_into_results(entry.path):
            self._leave_out("link into the output folder")
        else:
            found.append(name)

    def _leads_into_results(self, link: str) -> bool:
        real = os.path.realpath(link)
        return is_inside(real, self._out) and not self.folders.contains(real)

    def _leave_out(self, kind: str, number: int = 1) -> None:
        if number:
            self.left_out[kind if kind in self.left_out or len(self.left_out) < _KINDS else "of other kinds"] += number

    def _holder(self, taken: dict[str, list[tuple[str, Path]]], name: str, path: Path) -> Path | None:
        """The input that has the name of a result already, as far as the disk tells names apart."""
        alike = taken.setdefault(folded(name), [])
        for other, first in alike:
            if self.disk.same(other, name):
                return first
        alike.append((name, path))
        return None


@dataclass
class _Level:
    """A folder that photos are searched in, and the names in it that are still to come, the next one last.

    real: its real path. place: of its results. error: why its photos cannot be processed, or None.
    results: of earlier runs, from the nearest ledger above. in_results: the path from there.
    links: names of folders that are links. folder_keys: their names, folded.
    results_like_folders: photos whose results may have the name of a folder. entered: the last folders of one key.
    last_key, last: the last photos of one key.
    """

    folder: Path
    real: str
    place: PurePath
    error: PspmError | None = None
    results: NamedResults | None = None
    in_results: str = ""
    is_listed: bool = False
    has_ledger: bool = False
    photos: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    links: set[str] = field(default_factory=set)
    folder_keys: set[str] = field(default_factory=set)
    results_like_folders: list[str] = field(default_factory=list)
    entered: list[str] = field(default_factory=list)
    last_key: str = ""
    last: list[str] = field(default_factory=list)


def _same_result(path: Path, first: Path, name: str) -> OutputError:
    return OutputError(f"{path} would have the same result as {first}, {name}; give it another folder with -o")


def _own_name(folder: Path) -> str:
    """The name of a folder as it was given, also for "." and ".."."""
    return os.path.basename(os.path.abspath(folder))  # noqa: PTH100, PTH119 - Path.absolute keeps ".."


def _is_same_file(first: Path, second: Path) -> bool:
    return first == second or _answers(lambda: first.samefile(second))


def _answers(question: Callable[[], bool]) -> bool:
    """The answer of a question to the disk, False for a path that cannot be followed."""
    try:
        return question()
    except OSError:
        return False
