"""The pictures with true mattes that `pspm evaluate` looks at: those that training never saw, or any folder's."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from pspm.data.folders.integrity import check_pairs
from pspm.data.folders.pairs import Pair, find_pairs, read_rgb
from pspm.data.folders.sources import list_backgrounds
from pspm.data.folders.split import held_back

SETS = ("portraits", "cutouts")
GREY = 128


class Case(NamedTuple):
    """A picture by name. read: gives RGB (H, W, 3) uint8 and the true alpha, (H, W) float32 in [0, 1]."""

    name: str
    read: Callable[[], tuple[np.ndarray, np.ndarray]]


def find_cases(data: Path, limit: int | None = None) -> dict[str, list[Case]]:
    """The pictures of each set by the set's name: `SETS` where `data` has folders of these names, else one set.

    limit: only so many, the first of each set.

    Other folders are read as `pspm.data.folders.pairs.find_pairs` does; what it calls cut-outs is laid over grey.
    Raises FileNotFoundError and ValueError where there is nothing to evaluate on, or a picture is broken.
    """
    if all((data / name).is_dir() for name in SETS):
        sets = {name: held_back_cases(data, name)[:limit] for name in SETS}
        for name in SETS:
            if not sets[name]:
                raise FileNotFoundError(
                    f"{data / name} holds no held-back picture; give a folder of pictures and mattes"
                )
        return sets
    pairs = find_pairs(data)[:limit]
    check_pairs(pairs)
    return {data.resolve().name: [_case(pair) for pair in pairs]}


def held_back_cases(data: Path, name: str) -> list[Case]:
    """The pictures of a validation set, see `pspm.data.folders.split`.

    "portraits": photographs with closed-form mattes. "cutouts": cut-outs with true alpha, each over a held-back
    background of its own. Raises FileNotFoundError, and ValueError where cut-outs and backgrounds differ in number.
    """
    hidden = held_back(name)
    pairs = [pair for pair in find_pairs(data / name) if pair.image.stem in hidden]
    if name == "portraits":
        return [Case(pair.image.stem, partial(_read, pair)) for pair in pairs]
    unseen = held_back("backgrounds")
    backgrounds = [path for path in list_backgrounds(data) if path.stem in unseen]
    if len(pairs) != len(backgrounds):
        raise ValueError(
            f"{data} holds {len(pairs)} held-back cut-outs and {len(backgrounds)} held-back backgrounds, "
            "which should go in pairs; copy the data again"
        )
    return [
        Case(pair.image.stem, partial(_read_over, pair, behind))
        for pair, behind in zip(pairs, backgrounds, strict=True)
    ]


def held_back_pictures(data: Path, name: str) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Id, RGB (H, W, 3) uint8 and true alpha (H, W) in [0, 1] of a validation set."""
    for case in held_back_cases(data, name):
        yield case.name, *case.read()


def cover(picture: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Scale and centre-crop a picture so that it fills (height, width)."""
    height, width = shape
    scale = max(height / picture.shape[0], width / picture.shape[1])
    size = max(width, round(picture.shape[1] * scale)), max(height, round(picture.shape[0] * scale))
    picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return picture[top : top + height, left : left + width]


def _case(pair: Pair) -> Case:
    if pair.kind == "mask":
        raise ValueError(f"{pair.alpha} is a hard mask, not a matte; make mattes of the folder with pspm prepare")
    return Case(pair.image.stem, partial(_read_over_grey if pair.kind == "cutout" else _read, pair))


def _read(pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    image, alpha = pair.read()
    return image, alpha.astype(np.float32) / 255


def _read_over(pair: Pair, behind: Path) -> tuple[np.ndarray, np.ndarray]:
    foreground, alpha = _read(pair)
    return _over(foreground, alpha, cover(read_rgb(behind), alpha.shape)), alpha


def _read_over_grey(pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    foreground, alpha = _read(pair)
    return _over(foreground, alpha, np.full_like(foreground, GREY)), alpha


def _over(foreground: np.ndarray, alpha: np.ndarray, background: np.ndarray) -> np.ndarray:
    image = background + alpha[..., None] * (foreground.astype(np.float32) - background)
    return np.clip(image + 0.5, 0, 255).astype(np.uint8)
