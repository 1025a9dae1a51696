"""The pictures to reconstruct: MNIST, or patches of portraits."""

import gzip
import struct
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from pspm_runtime.files.sample import sample_photo
from torch import Tensor

from pspm.data.folders.pairs import find_pairs, read_rgb
from pspm.data.folders.split import held_back

SIDE = 32
TRAIN, TEST = 10_000, 1_000
PHOTOS = 200
IDX_UINT8 = 0x0803
IDX_FILES = ("train-images-idx3-ubyte", "t10k-images-idx3-ubyte")
PORTRAITS = "portraits"
# Hair, face and suit of the sample portrait: left, top and side in pixels.
SHOWN = ((150, 14, 64), (186, 70, 64), (150, 290, 128))


class Patches(NamedTuple):
    """Pictures for training, for testing and to draw, each (N, 1, 32, 32) in [0, 1], and a description of them."""

    train: Tensor
    test: Tensor
    shown: Tensor
    what: str


def read_patches(data: Path) -> Patches:
    """Read the pictures of a folder.

    With portraits, the drawn patches come from the sample portrait, which may be published.

    data: a folder with MNIST's or Fashion-MNIST's idx files, plain or gzipped, or a data folder with portraits/.
    Raises FileNotFoundError if it has neither, ValueError if a file cannot be read.
    """
    files = [find_idx(data, name) for name in IDX_FILES]
    if all(files):
        train, test = (resized(read_idx(path)) for path in files if path)
        return Patches(train, test, test[: len(SHOWN)], f"{data.name}: {len(train)} and {len(test)} pictures")
    if (data / PORTRAITS).is_dir():
        train, test = portrait_patches(data / PORTRAITS)
        return Patches(train, test, sample_patches(), f"patches of portraits: {len(train)} and {len(test)}")
    raise FileNotFoundError(f"{data} has neither {PORTRAITS}/ nor {' and '.join(IDX_FILES)}; name a folder that has")


def find_idx(data: Path, name: str) -> Path | None:
    """The path of a file or of its gzipped form; None if neither exists."""
    return next((path for path in (data / name, data / f"{name}.gz") if path.is_file()), None)


def read_idx(path: Path) -> np.ndarray:
    """Read the pictures of an idx file, (N, H, W) uint8. Raises ValueError for a damaged or another file."""
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (gzip.BadGzipFile, EOFError) as error:
        raise ValueError(f"{path} is not a gzip file ({error}); download it again") from None
    header = struct.Struct(">4I")
    if len(content) >= header.size:
        magic, n, height, width = header.unpack_from(content)
        if magic == IDX_UINT8 and len(content) == header.size + n * height * width:
            return np.frombuffer(content, np.uint8, offset=header.size).reshape(n, height, width)
    raise ValueError(f"{path} is truncated or not an idx file of 8-bit pictures; download it again")


def resized(pictures: np.ndarray) -> Tensor:
    """Resize pictures, (N, H, W) uint8, to (N, 1, 32, 32) in [0, 1], as in sec. 4.8.1."""
    grey = np.stack([cv2.resize(p, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR) for p in pictures])
    return torch.from_numpy(grey)[:, None] / 255


def portrait_patches(folder: Path) -> tuple[Tensor, Tensor]:
    """Random grey patches of the first `PHOTOS` training portraits and of the first `PHOTOS` held-out ones.

    Each patch is a square window of 32 to 128 pixels, scaled to 32. The seeds are fixed.
    """
    hidden = held_back(PORTRAITS)
    pairs = find_pairs(folder)
    parts = []
    for seed, (test, count) in enumerate(((False, TRAIN), (True, TEST))):
        photos = [pair.image for pair in pairs if (pair.image.stem in hidden) == test][:PHOTOS]
        if not photos:
            raise FileNotFoundError(
                f"{folder} has no {'held-out' if test else 'training'} portraits; name a folder that has"
            )
        parts.append(cut(photos, count, np.random.default_rng(seed)))
    return parts[0], parts[1]


def sample_patches() -> Tensor:
    """The patches `SHOWN` of the sample portrait, (N, 1, 32, 32) in [0, 1]."""
    grey = cv2.cvtColor(read_rgb(sample_photo()), cv2.COLOR_RGB2GRAY)
    windows = [grey[y : y + side, x : x + side] for x, y, side in SHOWN]
    patches = [cv2.resize(window, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for window in windows]
    return torch.from_numpy(np.stack(patches))[:, None] / 255


def cut(photos: list[Path], count: int, rng: np.random.Generator) -> Tensor:
    """Cut `count` random patches, equally many from each photo, (count, 1, 32, 32) in [0, 1]."""
    patches = []
    for i, photo in enumerate(photos):
        grey = cv2.cvtColor(read_rgb(photo), cv2.COLOR_RGB2GRAY)
        for _ in range(count * (i + 1) // len(photos) - count * i // len(photos)):
            side = int(rng.integers(SIDE, min(4 * SIDE, *grey.shape) + 1))
            y, x = (int(rng.integers(length - side + 1)) for length in grey.shape)
            patches.append(cv2.resize(grey[y : y + side, x : x + side], (SIDE, SIDE), interpolation=cv2.INTER_AREA))
    return torch.from_numpy(np.stack(patches))[:, None] / 255
