"""Folders of pictures for denoising: Train400, BSD68 and Set12 as DnCNN's authors publish them, or any pictures."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from pspm.data.folders.pairs import decode
from pspm.tasks.task import other_layout

# Names of the folders in the repositories of DnCNN and KAIR, in lower case.
TRAIN = ("train400", "train", "bsd400")
TESTS = {"BSD68": ("bsd68", "set68"), "Set12": ("set12",)}
BETWEEN = ("", "data", "testsets", "trainsets", "data/Test", "test", "Test")
PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".pgm")
EXPECTED = "Train400/ with BSD68/ or Set12/, or at least two pictures"
# Of any other folder, every third picture is for testing.
EVERY = 3


def find_pictures(folder: Path | None) -> tuple[list[Path], dict[str, list[Path]]]:
    """The pictures to train on, and those of each test set.

    Of a folder in another layout every third picture, by name, is for testing.
    Raises FileNotFoundError if there are no pictures.
    """
    if folder is None or not folder.is_dir():
        raise other_layout(folder, EXPECTED)
    train = next((found for name in TRAIN if (found := pictures_in(folder, name))), [])
    tests = {title: found for title, names in TESTS.items() for name in names if (found := pictures_in(folder, name))}
    if tests:
        return train, tests
    found = list_grey(folder)
    if len(found) < 2:
        raise other_layout(folder, EXPECTED)
    test = found[EVERY - 1 :: EVERY] or found[-1:]
    return [path for path in found if path not in test], {folder.resolve().name: test}


def pictures_in(folder: Path, name: str) -> list[Path]:
    """The pictures of a set, in any of the places where it is published; upper and lower case are the same."""
    for between in BETWEEN:
        place = folder / between
        if place.is_dir():
            for each in sorted(place.iterdir()):
                if each.is_dir() and each.name.lower() == name and (found := list_grey(each)):
                    return found
    return []


def list_grey(folder: Path) -> list[Path]:
    """The pictures of a folder, by name, without hidden files; may be empty."""
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURES and not p.name.startswith("."))


def read_grey(path: Path) -> np.ndarray:
    """Read a picture as grey levels, (H, W) uint8. Raises ValueError if it cannot be read."""
    return decode(path, cv2.IMREAD_GRAYSCALE)


def read_all(paths: Sequence[Path], longest: int = 0) -> list[np.ndarray]:
    """Read pictures, reduced to a longest side if one is given."""
    pictures = []
    for path in paths:
        grey = read_grey(path)
        scale = longest / max(grey.shape) if longest else 1.0
        if scale < 1:
            grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        pictures.append(grey)
    return pictures
