"""The published layout of COCO: annotations/instances_*2017.json, train2017/ and val2017/."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pspm.data.folders.pairs import read_rgb

YEARS = ("2017", "2014")
EXPECTED = "annotations/instances_train2017.json, annotations/instances_val2017.json, train2017/ and val2017/ of COCO"


class Objects(NamedTuple):
    """The objects of a picture.

    boxes: (objects, 4), left, top, right and bottom in pixels. labels: (objects,) from 1; 0 is the background.
    crowd: (objects,) bool, boxes around many objects, which are not counted. areas: (objects,) in pixels, of the
    objects themselves, by which COCO calls them small, medium or large.
    """

    boxes: np.ndarray
    labels: np.ndarray
    crowd: np.ndarray
    areas: np.ndarray


class Annotated(NamedTuple):
    """A picture, RGB (H, W, 3) uint8, and its objects."""

    image: np.ndarray
    objects: Objects


class CocoFile(Sequence[Annotated]):
    """The pictures of one annotation file, read when they are asked for.

    with_objects: leave out pictures without any, which training does. Raises ValueError for a damaged file,
    FileNotFoundError if a picture is missing.
    """

    def __init__(self, path: Path, pictures: Path, *, with_objects: bool) -> None:
        try:
            content = json.loads(path.read_text())
            self.images: list[dict[str, Any]] = content["images"]
            self.categories = sorted(int(category["id"]) for category in content["categories"])
            self.objects = by_picture(content["annotations"], self.categories)
            names = [pictures / image["file_name"] for image in self.images]
            if with_objects:
                self.images = [image for image in self.images if int(image["id"]) in self.objects]
        except (ValueError, KeyError, TypeError):
            raise ValueError(
                f"{path} is not a file of COCO's objects, with images, annotations and categories; download it again"
            ) from None
        if missing := next((name for name in names if not name.is_file()), None):
            raise FileNotFoundError(f"{path} names {missing}, which does not exist; download the pictures")
        self.pictures = pictures

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Annotated:  # type: ignore[override]
        image = self.images[index]
        found = self.objects.get(int(image["id"]), [])
        corners = np.array([each["bbox"] for each in found], np.float32).reshape(-1, 4)
        corners[:, 2:] += corners[:, :2]
        # Boxes without an area cannot be learned.
        real = (corners[:, 2] > corners[:, 0]) & (corners[:, 3] > corners[:, 1])
        labels = [1 + self.categories.index(each["category_id"]) for each in found]
        crowd = [bool(each.get("iscrowd", 0)) for each in found]
        areas = [float(each.get("area", each["bbox"][2] * each["bbox"][3])) for each in found]
        objects = Objects(
            corners[real], np.array(labels, np.int64)[real], np.array(crowd, bool)[real], np.array(areas)[real]
        )
        return Annotated(read_rgb(self.pictures / image["file_name"]), objects)


def by_picture(annotations: Sequence[dict[str, Any]], categories: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """The annotations of each picture. Raises ValueError for one with another category, or without a box."""
    grouped: dict[int, list[dict[str, Any]]] = {}
    for each in annotations:
        if each["category_id"] not in categories or len(each["bbox"]) != 4:
            raise ValueError(each)
        grouped.setdefault(int(each["image_id"]), []).append(each)
    return grouped


class CocoSet(NamedTuple):
    """Training pictures, None if the folder has none, and test pictures."""

    train: CocoFile | None
    test: CocoFile


def find_coco(folder: Path) -> CocoSet | None:
    """COCO of 2017 or 2014; None if the folder has another layout. Raises as `CocoFile`."""
    for year in YEARS:
        train, test = (
            (folder / "annotations" / f"instances_{part}{year}.json", folder / f"{part}{year}")
            for part in ("train", "val")
        )
        if test[0].is_file() and test[1].is_dir():
            has_train = train[0].is_file() and train[1].is_dir()
            return CocoSet(
                CocoFile(*train, with_objects=True) if has_train else None, CocoFile(*test, with_objects=False)
            )
    return None
