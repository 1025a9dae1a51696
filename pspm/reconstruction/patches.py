"""The pictures that are to be reconstructed: MNIST's files, or patches of photographs."""

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
# Hair, a face and a suit of the sample portrait: left, top and side.
SHOWN = ((150, 14, 64), (186, 70, 64), (150, 290, 128))


class Patches(NamedTuple):
    """Pictures to train on, to test on and to draw, each (N, 1, 32, 32) in [0, 1], and what they are."""

    train: Tensor
    test: Tensor
    shown: Tensor
    what: str


def read_patches(data: Path) -> Patches:
    """The patches of a folder. Of portraits, those of the sample portrait are drawn, which anybody may be shown.

    data: a folder with MNIST's or Fashion-MNIST's idx files, plain or gzipped, or a data folder with portraits/.
    Raises FileNotFoundError or ValueError where it has neither, or something that cannot be read.
    """
    files = [find_idx(data, name) for name in IDX_FILES]
    if all(files):
        train, test = (resized(read_idx(path)) for path in files if path)
        return Patches(train, test, test[: len(SHOWN)], f"{data.name}: {len(train)} and {len(test)} pictures")
    if (data / PORTRAITS).is_dir():
        train, test = portrait_patches(data / PORTRAITS)
        return Patches(train, test, sample_patches(), f"patches of portraits: {len(train)} and {len(test)}")
    raise FileNotFoundError(f"{data} holds neither {PORTRAITS}/ nor {' and '.join(IDX_FILES)}; name a folder that does")


def find_idx(data: Path, name: str) -> Path | None:
    """The file of that name, or the same gzipped."""
    return next((path for path in (data / name, data / f"{name}.gz") if path.is_file()), None)


def read_idx(path: Path) -> np.ndarray:
    """The pictures of an idx file, (N, H, W) uint8. Raises ValueError for another file."""
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (gzip.BadGzipFile, EOFError) as error:
        raise ValueError(f"{path} is no gzipped file ({error}); get it again") from None
    header = struct.Struct(">4I")
    if len(content) >= header.size:
        magic, n, height, width = header.unpack_from(content)
        if magic == IDX_UINT8 and len(content) == header.size + n * height * width:
            return np.frombuffer(content, np.uint8, offset=header.size).reshape(n, height, width)
    raise ValueError(f"{path} is no idx file of 8-bit pictures, or cut short; get it again")


def resized(pictures: np.ndarray) -> Tensor:
    """(N, H, W) uint8 to (N, 1, 32, 32) in [0, 1], as in sec. 4.8.1."""
    grey = np.stack([cv2.resize(p, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR) for p in pictures])
    return torch.from_numpy(grey)[:, None] / 255


def portrait_patches(folder: Path) -> tuple[Tensor, Tensor]:
    """Random grey patches of the first training portraits, and of the first of those that are held back, seed 0.

    Each patch is a window of 32 to 128 pixels, scaled to 32.
    """
    hidden = held_back(PORTRAITS)
    pairs = find_pairs(folder)
    parts = []
    for seed, (test, count) in enumerate(((False, TRAIN), (True, TEST))):
        photos = [pair.image for pair in pairs if (pair.image.stem in hidden) == test][:PHOTOS]
        if not photos:
            raise FileNotFoundError(f"{folder} holds no {'held-back' if test else 'training'} portraits to cut up")
        parts.append(cut(photos, count, np.random.default_rng(seed)))
    return parts[0], parts[1]


def sample_patches() -> Tensor:
    """`SHOWN`, (N, 1, 32, 32) in [0, 1]."""
    grey = cv2.cvtColor(read_rgb(sample_photo()), cv2.COLOR_RGB2GRAY)
    windows = [grey[y : y + side, x : x + side] for x, y, side in SHOWN]
    patches = [cv2.resize(window, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for window in windows]
    return torch.from_numpy(np.stack(patches))[:, None] / 255


def cut(photos: list[Path], count: int, rng: np.random.Generator) -> Tensor:
    """Patches, (count, 1, 32, 32) in [0, 1], equally many of each photo."""
    patches = []
    for i, photo in enumerate(photos):
        grey = cv2.cvtColor(read_rgb(photo), cv2.COLOR_RGB2GRAY)
        for _ in range(count * (i + 1) // len(photos) - count * i // len(photos)):
            side = int(rng.integers(SIDE, min(4 * SIDE, *grey.shape) + 1))
            y, x = (int(rng.integers(length - side + 1)) for length in grey.shape)
            patches.append(cv2.resize(grey[y : y + side, x : x + side], (SIDE, SIDE), interpolation=cv2.INTER_AREA))
    return torch.from_numpy(np.stack(patches))[:, None] / 255
