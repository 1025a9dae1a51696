"""Find and read images with mattes, and images alone, in folders."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from pspm.data.folders.extend_colours import extend_colours

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
MATTE_ENDING = "_matting"

Kind = Literal["photo", "cutout", "mask"]

FOLDERS: tuple[tuple[str, str, Kind], ...] = (
    ("image", "alpha", "photo"),
    ("colour", "alpha", "cutout"),
    ("image", "mask", "mask"),
)

# A folder that comes with its own split, as Portrait-2k is published.
TRAINING, TESTING = "training", "testing"

LAYOUTS = (
    f"image/ and alpha/ (also below train/), colour/ and alpha/, image/ and mask/, {TRAINING}/ and {TESTING}/, "
    f"NAME.jpg beside NAME{MATTE_ENDING}.png, or images with transparency"
)


@dataclass(frozen=True)
class Pair:
    """An image and its matte, of the same size. For an image with transparency both paths are the same file.

    kind: "photo", a photo with its matte; "cutout", a person on a transparent background, to be composited over
        another one; "mask", a photo with a hard mask, which `pspm prepare` turns into a matte.
    """

    image: Path
    alpha: Path
    kind: Kind = "photo"

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """Read RGB (H, W, 3) and alpha (H, W), both uint8. Raises ValueError if unreadable or of different sizes."""
        if self.alpha == self.image:
            return read_transparent(self.image)
        image, alpha = read_rgb(self.image), read_matte(self.alpha)
        if alpha.shape != image.shape[:2]:
            raise ValueError(f"{self.alpha} is not a matte of the same size as {self.image}")
        if self.kind == "mask":
            # Masks use 0 and 255, 0 and 1, or palette colours.
            alpha = np.where(alpha > alpha.max() // 2, np.uint8(255), np.uint8(0))
        return image, alpha


def read_rgb(path: Path) -> np.ndarray:
    """Read RGB (H, W, 3) uint8, turned upright by its EXIF orientation. Raises ValueError if it is not an image."""
    return cv2.cvtColor(decode(path, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def read_matte(path: Path) -> np.ndarray:
    """Read a matte, (H, W) uint8: the file's transparency if it has any, else its grey level.

    The file has 8 or 16 bits and is grey, RGB or RGBA.
    """
    picture = decode(path, cv2.IMREAD_UNCHANGED)
    if picture.ndim == 3 and picture.shape[2] == 4 and picture[..., 3].min() < np.iinfo(picture.dtype).max:
        return _eight_bits(picture[..., 3])
    return _eight_bits(picture if picture.ndim == 2 else cv2.cvtColor(picture[..., :3], cv2.COLOR_BGR2GRAY))


def read_transparent(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read RGB (H, W, 3), with `extend_colours` applied, and transparency (H, W) of one file, both uint8.

    Raises ValueError if the file has no transparency.
    """
    picture = decode(path, cv2.IMREAD_UNCHANGED)
    if picture.ndim == 2 or picture.shape[2] < 4:
        raise ValueError(f"{path} has no transparency")
    picture = _eight_bits(picture)
    alpha = picture[..., 3]
    return extend_colours(cv2.cvtColor(picture[..., :3], cv2.COLOR_BGR2RGB), alpha), alpha


def list_pictures(folder: Path) -> list[Path]:
    """List the images of a folder by name, without hidden files. Raises FileNotFoundError if there are none."""
    found = _pictures(folder)
    if not found:
        raise FileNotFoundError(f"{folder} has no images ({', '.join(SUFFIXES)}); give a folder of images")
    return found


def list_pairs(images: Path, alphas: Path, kind: Kind = "photo") -> list[Pair]:
    """Pair the images of one folder with the mattes of the same stem in another.

    Raises FileNotFoundError if there are no images or an image has no matte.
    """
    # If there are two mattes of one stem, take the lossless PNG.
    mattes = {path.stem: path for path in sorted(_pictures(alphas), key=lambda path: path.suffix.lower() == ".png")}
    return _match(list_pictures(images), mattes, kind, expected=f"{alphas}/NAME.png")


def find_pairs(folder: Path) -> list[Pair]:
    """Find the pairs of a folder in any of `LAYOUTS`, by name. Raises FileNotFoundError if no layout matches.

    Of a folder with its own split, these are the training pairs.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder; give a folder with {LAYOUTS}")
    if has_own_split(folder):
        return find_pairs(folder / TRAINING)
    for root in (folder, folder / "train"):
        for colours, alphas, kind in FOLDERS:
            if (root / colours).is_dir() and (root / alphas).is_dir():
                return list_pairs(root / colours, root / alphas, kind)
    pictures = _pictures(folder)
    mattes = {path.stem.removesuffix(MATTE_ENDING): path for path in pictures if path.stem.endswith(MATTE_ENDING)}
    if mattes:
        photos = [path for path in pictures if not path.stem.endswith(MATTE_ENDING)]
        return _match(photos, mattes, "photo", expected=f"{folder}/NAME{MATTE_ENDING}.png")
    if pictures and _is_transparent(pictures[0]):
        return [Pair(path, path, "cutout") for path in pictures]
    raise FileNotFoundError(f"{folder} has no images with mattes; give a folder with {LAYOUTS}")


def has_own_split(folder: Path) -> bool:
    """Whether a folder comes divided into `TRAINING` and `TESTING`."""
    return (folder / TRAINING).is_dir() and (folder / TESTING).is_dir()


def _match(pictures: Iterable[Path], mattes: dict[str, Path], kind: Kind, expected: str) -> list[Pair]:
    pairs = [Pair(picture, mattes.get(picture.stem, picture), kind) for picture in pictures]
    unmatched = [pair.image for pair in pairs if pair.alpha == pair.image]
    if unmatched:
        first = unmatched[0]
        more = f"; {len(unmatched) - 1} more images have none" if len(unmatched) > 1 else ""
        raise FileNotFoundError(f"{first} has no matte; add {expected.replace('NAME', first.stem)}{more}")
    return pairs


def _pictures(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("*") if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))


def _is_transparent(path: Path) -> bool:
    try:
        read_transparent(path)
    except ValueError:
        return False
    return True


def decode(path: Path, flags: int = cv2.IMREAD_UNCHANGED) -> np.ndarray:
    """Read an image as OpenCV stores it, by default with all its bits and channels. Raises ValueError."""
    # Not cv2.imread: on Windows it cannot open names with non-ASCII characters.
    data = np.fromfile(path, np.uint8)
    picture = cv2.imdecode(data, flags) if data.size else None
    if picture is None:
        raise ValueError(f"{path} cannot be read as an image; replace or remove it")
    return picture


def _eight_bits(picture: np.ndarray) -> np.ndarray:
    return picture if picture.dtype == np.uint8 else (picture / 257 + 0.5).astype(np.uint8)
