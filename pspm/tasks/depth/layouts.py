"""The published layouts of NYU Depth v2."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from pspm_runtime.extras import needs_extra

from pspm.data.folders.pairs import decode, read_rgb
from pspm.tasks.pictures.augment import Labelled

LABELED, SPLITS = "nyu_depth_v2_labeled.mat", "splits.mat"
EXPECTED = (
    f"{LABELED} and {SPLITS}, train/SCENE/*.h5 and val/SCENE/*.h5 as FastDepth reads them, or "
    "sync/SCENE/rgb_*.jpg and official_splits/test/SCENE/rgb_*.jpg beside sync_depth_*.png as BTS reads them"
)
MILLIMETRES = 1000


class DepthSet(NamedTuple):
    """Pictures with depths in metres, 0 where there is none, read when they are asked for."""

    train: Sequence[Labelled]
    test: Sequence[Labelled]


def find_nyuv2(folder: Path) -> DepthSet | None:
    """NYU Depth v2 in any of its layouts; None if the folder has another one. Raises ValueError for damaged files."""
    if (folder / LABELED).is_file() and (folder / SPLITS).is_file():
        return read_labeled(folder / LABELED, folder / SPLITS)
    for train, test, pattern, kind in (
        ("train", "val", "*/*.h5", H5Files),
        ("sync", "official_splits/test", "*/rgb_*.jpg", DepthPictures),
    ):
        if found := sorted((folder / test).glob(pattern)):
            return DepthSet(kind(sorted((folder / train).glob(pattern))), kind(found))
    return None


class H5Files(Sequence[Labelled]):
    """HDF5 files with `rgb`, (3, H, W) uint8, and `depth`, (H, W) in metres."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.files = files

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> Labelled:  # type: ignore[override]
        with needs_extra("operators"):
            import h5py
        try:
            with h5py.File(self.files[index]) as file:
                return Labelled(file["rgb"][:].transpose(1, 2, 0), file["depth"][:].astype(np.float32))
        except (OSError, KeyError, ValueError, AttributeError):
            raise ValueError(f"{self.files[index]} is not an HDF5 file with rgb and depth; download it again") from None


class DepthPictures(Sequence[Labelled]):
    """`rgb_NUMBER.jpg` beside `sync_depth_NUMBER.png`, 16 bits in millimetres."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.files = files

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> Labelled:  # type: ignore[override]
        image = self.files[index]
        path = image.with_name(f"sync_depth_{image.stem.removeprefix('rgb_')}.png")
        if not path.is_file():
            raise ValueError(f"{image} has no depths; add {path}")
        depth = decode(path, cv2.IMREAD_UNCHANGED)
        if depth.dtype != np.uint16 or depth.ndim != 2:
            raise ValueError(f"{path} has no depths: it must be grey with 16 bits, in millimetres")
        return Labelled(read_rgb(image), depth.astype(np.float32) / MILLIMETRES)


class LabeledFile(Sequence[Labelled]):
    """Some pictures of `nyu_depth_v2_labeled.mat`. indices: from 0."""

    def __init__(self, path: Path, indices: Sequence[int]) -> None:
        self.path, self.indices = path, indices

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> Labelled:  # type: ignore[override]
        import h5py

        number = self.indices[index]
        with h5py.File(self.path) as file:
            # MATLAB keeps columns first: (N, 3, W, H) and (N, W, H).
            image, depth = file["images"][number], file["depths"][number]
        return Labelled(np.ascontiguousarray(image.transpose(2, 1, 0)), np.ascontiguousarray(depth.T, np.float32))


def read_labeled(labeled: Path, splits: Path) -> DepthSet:
    """The labeled set with its official split. Raises ValueError if a file is damaged or another."""
    from scipy.io import loadmat

    with needs_extra("operators"):
        import h5py
    try:
        split = loadmat(splits)
        train, test = ((split[name].ravel() - 1).tolist() for name in ("trainNdxs", "testNdxs"))
    except (OSError, ValueError, KeyError, NotImplementedError):
        raise ValueError(f"{splits} is not the split with trainNdxs and testNdxs; download it again") from None
    try:
        with h5py.File(labeled) as file:
            count = min(file["images"].shape[0], file["depths"].shape[0])
    except (OSError, KeyError, AttributeError):
        raise ValueError(f"{labeled} is not an HDF5 file with images and depths; download it again") from None
    if max([*train, *test]) >= count:
        raise ValueError(f"{splits} names picture {max([*train, *test]) + 1}, but {labeled} has {count}")
    return DepthSet(LabeledFile(labeled, train), LabeledFile(labeled, test))
