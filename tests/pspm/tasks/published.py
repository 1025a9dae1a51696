"""Tiny folders in the published layouts of the data sets."""

import json
from pathlib import Path

import cv2
import h5py
import numpy as np
from scipy.io import savemat


def picture(path: Path, value: int | np.ndarray, size: tuple[int, int] = (48, 64)) -> None:
    """Write a picture of one value, or of an array."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full(size, value, np.uint8) if isinstance(value, int) else value)


def textured(seed: int, size: tuple[int, int] = (48, 64)) -> np.ndarray:
    """Blurred noise, (H, W) uint8."""
    noise = np.random.default_rng(seed).integers(0, 255, size, np.uint8)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 2), np.zeros_like(noise), 0, 255, cv2.NORM_MINMAX)


def write_denoising(root: Path) -> Path:
    """As DnCNN's authors: data/Train400/, data/Test/Set68/, data/Test/Set12/."""
    for i in range(3):
        picture(root / f"data/Train400/test_{i:03d}.png", textured(i))
    picture(root / "data/Test/Set68/test001.png", textured(7))
    picture(root / "data/Test/Set12/01.png", textured(8))
    picture(root / "data/Test/Set12/02.png", textured(9, (41, 50)))
    return root


def write_ade20k(root: Path) -> Path:
    """ADEChallengeData2016 with labels of no class, the first and the last."""
    labels = np.zeros((48, 64), np.uint8)
    labels[:, 32:] = 150
    labels[24:, :32] = 1
    for part, name in (("training", "train"), ("validation", "val")):
        picture(root / f"ADEChallengeData2016/images/{part}/ADE_{name}_00000001.jpg", textured(1))
        picture(root / f"ADEChallengeData2016/annotations/{part}/ADE_{name}_00000001.png", labels)
    return root


def write_sun_extracted(root: Path) -> Path:
    """SUN RGB-D as extracted: the labels of the two test pictures come first."""
    for i in (1, 2):
        picture(root / f"SUNRGBD-test_images/img-{i:06d}.jpg", 10 * i)
    picture(root / "SUNRGBD-train_images/img-000001.jpg", 30)
    for i in (1, 2, 3):
        picture(root / f"sunrgbd_train_test_labels/img-{i:06d}.png", i)
    return root


def write_sun_reorganised(root: Path) -> Path:
    """SUN RGB-D with train37.txt and test37.txt."""
    for part, label in (("train", 37), ("test", 5)):
        names = f"image/{part}/img-1.jpg", f"depth/{part}/1.png", f"label37/{part}/l-1.png"
        picture(root / names[0], 40)
        picture(root / names[2], label)
        (root / f"{part}37.txt").write_text(" ".join(names) + "\n")
    return root


def write_nyu_labeled(root: Path) -> Path:
    """nyu_depth_v2_labeled.mat of four pictures, 6 x 8, and splits.mat."""
    root.mkdir(parents=True, exist_ok=True)
    images, depths = np.zeros((4, 3, 8, 6), np.uint8), np.zeros((4, 8, 6), np.float32)
    for i in range(4):
        images[i, 0], depths[i] = i, i + 1
        images[i, 2, 5, 2] = depths[i, 5, 2] = 9
    with h5py.File(root / "nyu_depth_v2_labeled.mat", "w") as file:
        file["images"], file["depths"] = images, depths
    savemat(root / "splits.mat", {"trainNdxs": [[1], [2], [4]], "testNdxs": [[3]]})
    return root


def write_nyu_h5(root: Path) -> Path:
    """FastDepth's files: train/SCENE/*.h5 and val/official/*.h5."""
    for name, depth in (("train/kitchen/00001", 2.0), ("val/official/00001", 3.0)):
        path = root / f"{name}.h5"
        path.parent.mkdir(parents=True)
        with h5py.File(path, "w") as file:
            file["rgb"] = np.full((3, 48, 64), 7, np.uint8)
            file["depth"] = np.full((48, 64), depth, np.float32)
    return root


def write_nyu_pictures(root: Path) -> Path:
    """BTS's files: sync/SCENE/ and official_splits/test/SCENE/, depths in millimetres."""
    for folder in ("sync/office", "official_splits/test/office"):
        picture(root / folder / "rgb_00045.jpg", 9)
        picture(root / folder / "sync_depth_00045.png", np.full((48, 64), 1500, np.uint16))
    return root


def write_coco(root: Path) -> Path:
    """A training picture with one object and one crowd, one without objects, and a test picture."""
    objects = [
        {"id": 1, "image_id": 5, "category_id": 90, "bbox": [2, 3, 10, 20], "area": 150.0, "iscrowd": 0},
        {"id": 2, "image_id": 5, "category_id": 1, "bbox": [30, 3, 20, 20], "area": 400.0, "iscrowd": 1},
    ]
    for part, images in (("train", [(5, "a"), (6, "b")]), ("val", [(5, "c")])):
        content = {
            "images": [{"id": i, "file_name": f"{name}.jpg", "height": 48, "width": 64} for i, name in images],
            "annotations": objects,
            "categories": [{"id": 1, "name": "person"}, {"id": 90, "name": "toothbrush"}],
        }
        path = root / f"annotations/instances_{part}2017.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
        for _, name in images:
            picture(root / f"{part}2017/{name}.jpg", 50)
    return root


def write_people(root: Path) -> Path:
    """Six cut-outs with transparency, of which the fifth is for testing, and six backgrounds."""
    for i in range(6):
        person = np.zeros((40, 24, 4), np.uint8)
        cv2.ellipse(person, (12, 20), (9, 18), 0, 0, 360, (40 * i, 200, 90, 255), -1)
        picture(root / f"cutouts/{i}.png", person)
        picture(root / f"backgrounds/{i}.jpg", cv2.cvtColor(textured(i), cv2.COLOR_GRAY2BGR))
    return root
