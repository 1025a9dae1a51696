"""The published layouts of ADE20K and SUN RGB-D, and of our stand-in."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from pspm.data.folders.pairs import decode, read_rgb
from pspm.tasks.pictures.augment import Labelled
from pspm.tasks.task import check_classes

IGNORED = 255
PICTURES = (".jpg", ".png")


class LabelledFile(NamedTuple):
    """A picture and its picture of labels, in which 0 is no class and k is class k - 1."""

    image: Path
    label: Path


class LabelledFiles(Sequence[Labelled]):
    """Pictures with labels, read when they are asked for: 0 to classes - 1, or `IGNORED`."""

    def __init__(self, files: Sequence[LabelledFile], classes: int) -> None:
        self.files, self.classes = files, classes

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> Labelled:  # type: ignore[override]
        image, label = read_rgb(self.files[index].image), decode(self.files[index].label, cv2.IMREAD_UNCHANGED)
        if label.ndim != 2 or label.shape != image.shape[:2]:
            raise ValueError(
                f"{self.files[index].label} is not a grey picture of the size of {self.files[index].image}"
            )
        # uint8 wraps: 0, which is no class, becomes 255.
        labels = (label.astype(np.uint8) - np.uint8(1)) if label.dtype == np.uint8 else label.astype(np.int32) - 1
        labels = np.where(labels < 0, IGNORED, labels).astype(np.uint8)
        check_classes(self.files[index].label, labels, self.classes, IGNORED)
        return Labelled(image, labels)


class LabelledSet(NamedTuple):
    """A data set: its parts and its number of classes."""

    name: str
    train: LabelledFiles
    test: LabelledFiles


def find_ade20k(folder: Path) -> LabelledSet | None:
    """ADE20K's scene parsing benchmark (ADEChallengeData2016), 150 classes; None if the folder has another layout.

    `images/training/ADE_train_00000001.jpg`, `annotations/training/ADE_train_00000001.png`, and `validation/` beside.
    Raises FileNotFoundError for a picture without labels.
    """
    root = folder / "ADEChallengeData2016" if (folder / "ADEChallengeData2016").is_dir() else folder
    if not all((root / kind / "validation").is_dir() for kind in ("images", "annotations")):
        return None
    parts = [
        matched(listed(root / "images" / part), root / "annotations" / part) for part in ("training", "validation")
    ]
    return LabelledSet("ADE20K", *(LabelledFiles(part, 150) for part in parts))


def find_sun_rgbd(folder: Path) -> LabelledSet | None:
    """SUN RGB-D with 37 classes, in the two forms whose labels are pictures; None if the folder has another layout.

    Reorganised: `train37.txt` and `test37.txt`, whose lines name a picture, its depths and its labels.
    Extracted: `SUNRGBD-train_images/`, `SUNRGBD-test_images/` and `sunrgbd_train_test_labels/`, whose first labels by
    name are those of the test pictures.
    Raises FileNotFoundError for a picture without labels, ValueError for a list with other lines.
    """
    if (folder / "test37.txt").is_file():
        train, test = (read_list(folder / f"{part}37.txt") for part in ("train", "test"))
        return LabelledSet("SUN RGB-D", LabelledFiles(train, 37), LabelledFiles(test, 37))
    images = [listed(folder / f"SUNRGBD-{part}_images") for part in ("test", "train")]
    labels = listed(folder / "sunrgbd_train_test_labels")
    if not images[0] or not labels:
        return None
    if len(labels) != len(images[0]) + len(images[1]):
        raise FileNotFoundError(
            f"{folder / 'sunrgbd_train_test_labels'} has {len(labels)} pictures of labels for "
            f"{len(images[0])} test and {len(images[1])} training pictures; extract both archives again"
        )
    pairs = [LabelledFile(*pair) for pair in zip([*images[0], *images[1]], labels, strict=True)]
    tests = len(images[0])
    return LabelledSet("SUN RGB-D", LabelledFiles(pairs[tests:], 37), LabelledFiles(pairs[:tests], 37))


def read_list(path: Path) -> list[LabelledFile]:
    """The pictures of a list of the reorganised SUN RGB-D; none if the list is not there."""
    files = []
    for line in path.read_text().splitlines() if path.is_file() else []:
        names = line.split()
        if len(names) != 3:
            raise ValueError(f"{path} has the line {line!r}, which is not a picture, its depths and its labels")
        files.append(LabelledFile(path.parent / names[0], path.parent / names[2]))
    if missing := next((each for pair in files for each in pair if not each.is_file()), None):
        raise FileNotFoundError(f"{path} names {missing}, which does not exist; download it again")
    return files


def matched(images: Sequence[Path], labels: Path) -> list[LabelledFile]:
    """Each picture with the PNG of the same name."""
    pairs = [LabelledFile(image, labels / f"{image.stem}.png") for image in images]
    if missing := next((pair for pair in pairs if not pair.label.is_file()), None):
        raise FileNotFoundError(f"{missing.image} has no labels; add {missing.label}")
    return pairs


def listed(folder: Path) -> list[Path]:
    """The pictures of a folder by name, without hidden files; none if there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURES and not p.name.startswith("."))
