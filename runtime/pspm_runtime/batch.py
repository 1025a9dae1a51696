"""One photo, a folder of photos or a pipe: the same work on each, and an honest account at the end."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from pspm_runtime.errors import OutputError, PhotoError, PspmError
from pspm_runtime.photo import PhotoInput
from pspm_runtime.save import check_output, encode, write

PIPE = "-"
PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".heic", ".heif", ".avif")

Effect = Callable[[PhotoInput], Image.Image]


@dataclass
class Account:
    """What became of every photo of one call."""

    written: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)

    def report(self, *, as_json: bool, many: bool) -> int:
        """Print it, failures to standard error, and return the exit code: 0 only where nothing failed."""
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


def run(source: str, out: str, effect: Effect, *, suffix: str, transparent: bool, force: bool, as_json: bool) -> int:
    """Apply an effect to a file, to every photo below a folder, or to standard input ("-"); return the exit code.

    suffix: of the results of a folder and of a pipe. A folder keeps its structure below `out`, and goes on past
    photos that fail.
    """
    if source == PIPE:
        return _run_pipe(out, effect, suffix=suffix, transparent=transparent, force=force, as_json=as_json)
    path = Path(source)
    if not path.is_dir():
        return _run_file(path, out, effect, suffix=suffix, transparent=transparent, force=force, as_json=as_json)
    if out == PIPE:
        raise OutputError(f"{path} is a folder, which a pipe cannot hold; give a folder with -o")
    return _run_folder(path, Path(out), effect, suffix=suffix, force=force, as_json=as_json)


def _run_pipe(out: str, effect: Effect, *, suffix: str, transparent: bool, force: bool, as_json: bool) -> int:
    data = sys.stdin.buffer.read()
    if not data:
        raise PhotoError("standard input is empty; pipe a photo into it")
    return _deliver(lambda: effect(data), out, suffix=suffix, transparent=transparent, force=force, as_json=as_json)


def _run_file(
    path: Path, out: str, effect: Effect, *, suffix: str, transparent: bool, force: bool, as_json: bool
) -> int:
    if out != PIPE:
        into_folder = Path(out).is_dir() or out.endswith(("/", os.sep))
        target = Path(out) / f"{path.stem}{suffix}" if into_folder else Path(out)
        if target.exists() and path.exists() and target.samefile(path):
            raise OutputError(f"{target} is the photo itself; choose another name")
        out = str(target)
    return _deliver(lambda: effect(path), out, suffix=suffix, transparent=transparent, force=force, as_json=as_json)


def _deliver(
    make: Callable[[], Image.Image], out: str, *, suffix: str, transparent: bool, force: bool, as_json: bool
) -> int:
    if out == PIPE:
        sys.stdout.buffer.write(encode(make(), suffix))
        return 0
    target = Path(out)
    check_output(target, transparent=transparent)
    if target.exists() and not force:
        # Said before the work is done, and again by `write` should the file appear meanwhile.
        raise OutputError(f"{target} exists already; give --force to replace it, or choose another name")
    write(encode(make(), target.suffix), target, force=force)
    return Account(written=[str(target)]).report(as_json=as_json, many=False)


def _run_folder(source: Path, out: Path, effect: Effect, *, suffix: str, force: bool, as_json: bool) -> int:
    # Imported here: a progress bar is of no use to `import pspm`.
    from tqdm import tqdm

    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file; give a folder for the photos of {source}")
    jobs = list(plan(source, out, suffix))
    if not jobs:
        raise PhotoError(f"{source} holds no photos ({', '.join(PHOTO_SUFFIXES)}); choose another folder")
    photos = {photo.resolve() for photo, _ in jobs}
    account = Account()
    for photo, target in tqdm(jobs, unit="photo", disable=as_json or None):
        try:
            if target.resolve() in photos:
                raise OutputError(f"{target} is a photo itself; give another folder with -o")
            if target.exists() and not force:
                raise OutputError(f"{target} exists already; give --force to replace it")
            write(encode(effect(photo), target.suffix), target, force=force)
            account.written.append(str(target))
        except (PspmError, MemoryError) as error:
            account.failed.append((str(photo), str(error) or "there is not enough memory for it"))
    return account.report(as_json=as_json, many=True)


def plan(source: Path, out: Path, suffix: str) -> Iterator[tuple[Path, Path]]:
    """Every photo below a folder with the name of its result, in a stable order.

    Results of an earlier run that lie below the same folder are no photos. Two photos that differ in their suffix
    alone keep it in the result's name.
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
