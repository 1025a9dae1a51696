"""Apply an effect to one photo, a folder of photos or a pipe, and report what succeeded and what failed."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from PIL import Image

from pspm_runtime.errors import OutputError, PhotoError, PspmError
from pspm_runtime.files.photo import PhotoInput
from pspm_runtime.files.save import check_output, encode, write

PIPE = "-"
PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".heic", ".heif", ".avif")

Effect = Callable[[PhotoInput], Image.Image]


@dataclass
class Account:
    """The outcome of every photo: files written, and (input, error) of failures."""

    written: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)

    def report(self, *, as_json: bool, many: bool) -> int:
        """Print the outcome, failures to standard error, and return the exit code: 0 if nothing failed, else 1."""
        if as_json:
            failed = [{"input": name, "error": error} for name, error in self.failed]
            print(json.dumps({"written": self.written, "failed": failed}, indent=2))
        else:
            if many:
                total = len(self.written) + len(self.failed)
                print(f"{len(self.written)} of {total} photos done", file=sys.stderr)
            for name, error in self.failed:
                print(f"pspm: {error}" if name in error else f"pspm: {name}: {error}", file=sys.stderr)
        return 1 if self.failed else 0


@dataclass(frozen=True)
class Order:
    """What to do with each photo, and where to write the results.

    out: a file, a folder, or "-" for standard output. suffix: of the results if `out` has none.
    transparent: whether the format must hold transparency. force: replace existing results.
    """

    effect: Effect
    out: str
    suffix: str
    transparent: bool
    force: bool
    as_json: bool


def run(source: str, order: Order) -> int:
    """Apply an effect to a file, to every photo below a folder, or to standard input ("-"); return the exit code.

    Results of a folder keep its structure below `out`. A photo that fails does not stop the others.
    """
    if source == PIPE:
        return _run_pipe(order)
    return _run_folder(Path(source), order) if Path(source).is_dir() else _run_file(Path(source), order)


def _run_pipe(order: Order) -> int:
    data = sys.stdin.buffer.read()
    if not data:
        raise PhotoError("standard input is empty; pipe a photo into it")
    return _deliver(data, order)


def _run_file(path: Path, order: Order) -> int:
    if order.out == PIPE:
        return _deliver(path, order)
    into_folder = Path(order.out).is_dir() or order.out.endswith(("/", os.sep))
    target = Path(order.out) / f"{path.stem}{order.suffix}" if into_folder else Path(order.out)
    if target.exists() and path.exists() and target.samefile(path):
        raise OutputError(f"{target} is the photo itself; choose another name")
    return _deliver(path, replace(order, out=str(target)))


def _deliver(photo: PhotoInput, order: Order) -> int:
    """Write the result of one photo to one file or to standard output."""
    if order.out == PIPE:
        sys.stdout.buffer.write(encode(order.effect(photo), order.suffix))
        return 0
    target = Path(order.out)
    check_output(target, transparent=order.transparent)
    if target.exists() and not order.force:
        # Checked before the work is done. `write` checks again, in case the file appears meanwhile.
        raise OutputError(f"{target} exists already; give --force to replace it, or choose another name")
    write(encode(order.effect(photo), target.suffix), target, force=order.force)
    return Account(written=[str(target)]).report(as_json=order.as_json, many=False)


def _run_folder(source: Path, order: Order) -> int:
    # Imported here, because `import pspm` does not need a progress bar.
    from tqdm import tqdm

    out = Path(order.out)
    if order.out == PIPE:
        raise OutputError(f"{source} is a folder, and a pipe holds one result; give a folder with -o")
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file; give a folder for the photos of {source}")
    jobs = list(plan(source, out, order.suffix))
    if not jobs:
        raise PhotoError(f"{source} holds no photos ({', '.join(PHOTO_SUFFIXES)}); choose another folder")
    photos = {photo.resolve() for photo, _ in jobs}
    account = Account()
    for photo, target in tqdm(jobs, unit="photo", disable=order.as_json or None):
        try:
            if target.resolve() in photos:
                raise OutputError(f"{target} is one of the photos; give another folder with -o")
            if target.exists() and not order.force:
                raise OutputError(f"{target} exists already; give --force to replace it")
            write(encode(order.effect(photo), target.suffix), target, force=order.force)
            account.written.append(str(target))
        except (PspmError, MemoryError) as error:
            account.failed.append((str(photo), str(error) or "there is not enough memory for it"))
    return account.report(as_json=order.as_json, many=True)


def plan(source: Path, out: Path, suffix: str) -> Iterator[tuple[Path, Path]]:
    """Yield every photo below a folder and the path of its result, sorted by path.

    Hidden files and earlier results, if `out` is inside the folder, are skipped. Photos whose names differ only in the
    suffix keep it in the name of the result: a.jpg.png and a.png.png.
    """
    inside = out.resolve()
    photos = sorted(
        p
        for p in source.rglob("*")
        if p.suffix.lower() in PHOTO_SUFFIXES
        and p.is_file()
        and not any(part.startswith(".") for part in p.relative_to(source).parts)
        and (source.resolve() not in inside.parents or inside not in p.resolve().parents)
    )
    stems = [p.with_suffix("") for p in photos]
    for photo, stem in zip(photos, stems, strict=True):
        place = photo.relative_to(source)
        twin = stems.count(stem) > 1
        name = f"{photo.name}{suffix}" if twin else f"{photo.stem}{suffix}"
        yield photo, out / place.parent / name
