"""Picture sets with true mattes: the held-out pictures of the data folder, or any folder."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pspm.data.folders.integrity import check_pairs
from pspm.data.folders.pairs import Pair, find_pairs, has_own_split, read_matte, read_rgb
from pspm.data.folders.sources import list_backgrounds
from pspm.data.folders.split import folder_of, held_back, validation_pairs
from pspm.scenes.compose import cover

SETS = ("portraits", "cutouts", "cutouts-2")
GREY, WHITE = 128, 255
# A folder of given trimaps beside image/ and alpha/.
TRIMAPS = "trimap"
# What each set has in a folder of several sets.
PARTS = ("image", "alpha")


class Case(NamedTuple):
    """A picture of a set. read: returns RGB (H, W, 3) uint8 and the true alpha, (H, W) float32 in [0, 1].

    trimap: the file of the picture's given trimap; None if it is made from the true alpha.
    """

    name: str
    read: Callable[[], tuple[np.ndarray, np.ndarray]]
    trimap: Path | None = None

    def read_trimap(self, shape: tuple[int, ...]) -> np.ndarray | None:
        """The given trimap of a picture of this (height, width), (H, W) uint8 classes: 0 background, 1 unknown, 2
        foreground. None if there is none. Raises ValueError if it is not a trimap of the picture's size.

        Only black and white count as known.
        """
        if self.trimap is None:
            return None
        grey = read_matte(self.trimap)
        if grey.shape != tuple(shape):
            height, width = grey.shape
            raise ValueError(
                f"{self.trimap} is {width} x {height}, but its picture is {shape[1]} x {shape[0]}; save it at that size"
            )
        return np.where(grey == 0, 0, np.where(grey == WHITE, 2, 1)).astype(np.uint8)


def find_cases(data: Path, limit: int | None = None) -> dict[str, list[Case]]:
    """Find the pictures of each set, by the name of the set.

    data: the data folder, with the folders of `SETS`, of which only held-out pictures are used; a folder with its
        own split, of which only testing/ is used; any other folder that `pspm.data.folders.pairs.find_pairs` reads,
        as one set; or a folder of such sets with image/ and alpha/ each, as `pspm scenes` writes.
        Cut-outs are composited over grey, and trimap/NAME.png are the pictures' trimaps.
    limit: use only the first pictures of each set.
    Raises FileNotFoundError if there is nothing to evaluate on, ValueError if a picture is broken.
    """
    parts = {} if has_own_split(data) else parts_of(data)
    if parts:
        return {name: _cases_of(find_pairs(folder), folder, limit) for name, folder in parts.items()}
    if all((data / folder_of(name)).is_dir() for name in SETS):
        sets = {name: held_back_cases(data, name)[:limit] for name in SETS}
        for folder in ("portraits", "cutouts"):
            if not any(sets[name] for name in SETS if folder_of(name) == folder):
                raise FileNotFoundError(
                    f"{data / folder} has no held-out pictures; give a folder of pictures and mattes"
                )
        return {name: cases for name, cases in sets.items() if cases}
    if has_own_split(data / SETS[0]):
        data = data / SETS[0]
    own_split = has_own_split(data)
    pairs = validation_pairs(data) if own_split else find_pairs(data)
    return {data.resolve().name: _cases_of(pairs, data, limit)}


def parts_of(data: Path) -> dict[str, Path]:
    """The sets of a folder that has nothing but sets, each with image/ and alpha/, by name; numbers in names count."""
    folders = [path for path in data.glob("*") if path.is_dir() and not path.name.startswith(".")]
    if not all((path / part).is_dir() for path in folders for part in PARTS):
        return {}
    return {path.name: path for path in sorted(folders, key=lambda path: _with_numbers(path.name))}


def validation_cases(data: Path) -> dict[str, list[Case]]:
    """The pictures to validate a training run on, by the name of their set; empty if the data folder has none."""
    if has_own_split(data):
        return find_cases(data)
    sets = {name: held_back_cases(data, name) for name in SETS if (data / folder_of(name)).is_dir()}
    return {name: cases for name, cases in sets.items() if cases or name in ("portraits", "cutouts")}


def held_back_cases(data: Path, name: str) -> list[Case]:
    """Find the pictures of a validation set (`pspm.data.folders.split`).

    name: "portraits", photos with closed-form mattes; "cutouts" or "cutouts-2", cut-outs with true alpha over the
        held-out backgrounds in turn, of which "cutouts" has one for each.
    Raises FileNotFoundError if the folder has no pairs, ValueError if there are not as many backgrounds as "cutouts".
    """
    pairs = validation_pairs(data / folder_of(name), name)
    if name == "portraits":
        return [Case(pair.image.stem, partial(_read, pair)) for pair in pairs]
    held_out = held_back("backgrounds")
    backgrounds = [path for path in list_backgrounds(data) if path.stem in held_out]
    if (name == "cutouts" and len(pairs) != len(backgrounds)) or (pairs and not backgrounds):
        raise ValueError(
            f"{data} has {len(pairs)} held-out cut-outs but {len(backgrounds)} held-out backgrounds; "
            "there must be one for each, so copy the data again"
        )
    return [
        Case(pair.image.stem, partial(_read_over, pair, background))
        for pair, background in zip(pairs, cycle(backgrounds), strict=False)
    ]


def held_back_pictures(data: Path, name: str) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Read a validation set: id, RGB (H, W, 3) uint8 and true alpha (H, W) in [0, 1] of each picture."""
    for case in held_back_cases(data, name):
        yield case.name, *case.read()


def _cases_of(pairs: Sequence[Pair], folder: Path, limit: int | None) -> list[Case]:
    check_pairs(pairs[:limit])
    return [_case(pair, folder / TRIMAPS) for pair in pairs[:limit]]


def _with_numbers(name: str) -> list[tuple[int, str]]:
    """A key that sorts small-90 before small-200."""
    return [(int(part or 0), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", name)]


def _case(pair: Pair, trimaps: Path) -> Case:
    if pair.kind == "mask":
        raise ValueError(f"{pair.alpha} is a hard mask, not a matte; make mattes for the folder with pspm prepare")
    trimap = trimaps / f"{pair.image.stem}.png"
    if trimaps.is_dir() and not trimap.exists():
        raise FileNotFoundError(f"{pair.image} has no trimap; add {trimap}, or remove {trimaps}")
    read = partial(_read_over_grey if pair.kind == "cutout" else _read, pair)
    return Case(pair.image.stem, read, trimap if trimaps.is_dir() else None)


def _read(pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    image, alpha = pair.read()
    return image, alpha.astype(np.float32) / 255


def _read_over(pair: Pair, background: Path) -> tuple[np.ndarray, np.ndarray]:
    foreground, alpha = _read(pair)
    return _over(foreground, alpha, cover(read_rgb(background), alpha.shape)), alpha


def _read_over_grey(pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    foreground, alpha = _read(pair)
    return _over(foreground, alpha, np.full_like(foreground, GREY)), alpha


def _over(foreground: np.ndarray, alpha: np.ndarray, background: np.ndarray) -> np.ndarray:
    image = background + alpha[..., None] * (foreground.astype(np.float32) - background)
    return np.clip(image + 0.5, 0, 255).astype(np.uint8)
