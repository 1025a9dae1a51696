"""Which foreground goes over which background: foreground i over backgrounds N i to N i + N - 1, in the lists' order.

Composition-1k: 50 test foregrounds over 20 backgrounds each, 431 training foregrounds over 100 each. Distinctions-646:
the same with 50 and 596 foregrounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pspm.data.folders.pairs import list_pictures


@dataclass(frozen=True)
class Composite:
    """One composite. name: of the files to write. trimap: its given trimap, if there is one."""

    name: str
    foreground: Path
    alpha: Path
    background: Path
    trimap: Path | None = None


def plan_composites(
    foregrounds: Sequence[Path], alphas: Path, backgrounds: Sequence[Path], each: int, trimaps: Path | None = None
) -> list[Composite]:
    """Assign backgrounds to foregrounds, `each` to every one.

    alphas: a folder with an alpha of each foreground's stem. trimaps: a folder with NAME_0.png, NAME_1.png, ... for the
    composites of a foreground, or NAME.png for all of them.

    Raises ValueError for too few backgrounds, FileNotFoundError for a missing alpha or trimap.
    """
    needed = each * len(foregrounds)
    if len(backgrounds) < needed:
        raise ValueError(
            f"{len(foregrounds)} foregrounds over {each} backgrounds each need {needed} backgrounds, but there are "
            f"{len(backgrounds)}; lower --each, or add backgrounds"
        )
    alpha_files, trimap_files = _by_stem(alphas), _by_stem(trimaps) if trimaps else {}
    composites: dict[str, Composite] = {}
    for i, foreground in enumerate(foregrounds):
        stem = foreground.stem
        if stem not in alpha_files:
            raise FileNotFoundError(f"{foreground} has no alpha; add {alphas / stem}.png, or name another folder")
        for k in range(each):
            name = f"{stem}_{k}"
            trimap = trimap_files.get(name) or trimap_files.get(stem)
            if trimaps and trimap is None:
                raise FileNotFoundError(f"{foreground} has no trimap; add {trimaps / name}.png, or name another folder")
            if name in composites:
                raise ValueError(f"{foreground} and {composites[name].foreground} have one name; rename one of them")
            composites[name] = Composite(name, foreground, alpha_files[stem], backgrounds[i * each + k], trimap)
    return list(composites.values())


def listed(folder: Path, names: Path | None) -> list[Path]:
    """The pictures that a list names, one file name a line, in its order; all pictures by name if there is no list.

    Raises FileNotFoundError that names the first missing picture.
    """
    if names is None:
        return list_pictures(folder)
    lines = [line.strip() for line in names.read_text(encoding="utf-8").splitlines()]
    paths = [folder / line for line in lines if line]
    for path in paths:
        if not path.is_file():
            raise FileNotFoundError(f"{path} does not exist, but {names} lists it; add it, or correct the list")
    return paths


def _by_stem(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in list_pictures(folder)}
