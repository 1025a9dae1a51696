"""Folders of pictures with mattes, and folders of pictures alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from pspm.data.folders.extend_colours import extend_colours
from pspm.data.folders.integrity import check_pairs as check_pairs
from pspm.data.folders.integrity import check_pictures as check_pictures

PICTURES = (".jpg", ".jpeg", ".png", ".webp")
MATTING = "_matting"

Kind = Literal["photo", "cutout", "mask"]

FOLDERS: tuple[tuple[str, str, Kind], ...] = (
    ("image", "alpha", "photo"),
    ("colour", "alpha", "cutout"),
    ("image", "mask", "mask"),
)

LAYOUTS = (
    "image/ and alpha/ (also below train/), colour/ and alpha/, image/ and mask/, "
    f"NAME.jpg beside NAME{MATTING}.png, or pictures with transparency"
)


@dataclass(frozen=True)
class Pair:
    """A picture and its matte of the same size; in a picture with transparency both are the same file.

    kind: "photo", a photograph with its matte; "cutout", a person whose colours mean nothing where alpha is 0, so it
        needs a background; "mask", a photograph with a hard mask, which `pspm prepare` turns into a matte.
    """

    image: Path
    alpha: Path
    kind: Kind = "photo"

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """RGB (H, W, 3) and alpha (H, W), both uint8. Raises ValueError where they cannot be read or differ in size."""
        if self.alpha == self.image:
            return read_transparent(self.image)
        image, alpha = read_rgb(self.image), read_matte(self.alpha)
        if alpha.shape != image.shape[:2]:
            raise ValueError(f"{self.alpha} is not a matte of the same size as {self.image}")
        if self.kind == "mask":
            # Masks come in 0 and 255, in 0 and 1, and in the colours of a palette.
            alpha = np.where(alpha > alpha.max() // 2, np.uint8(255), np.uint8(0))
        return image, alpha


def read_rgb(path: Path) -> np.ndarray:
    """RGB (H, W, 3) uint8, upright as its EXIF says. Raises ValueError where the file is no picture."""
    return cv2.cvtColor(_decode(path, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def read_matte(path: Path) -> np.ndarray:
    """A file's transparency (H, W) uint8 where it has any, its grey otherwise; 8 or 16 bits, grey or RGB."""
    picture = _decode(path, cv2.IMREAD_UNCHANGED)
    if picture.ndim == 3 and picture.shape[2] == 4 and picture[..., 3].min() < np.iinfo(picture.dtype).max:
        return _eight_bits(picture[..., 3])
    return _eight_bits(picture if picture.ndim == 2 else cv2.cvtColor(picture[..., :3], cv2.COLOR_BGR2GRAY))


def read_transparent(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """RGB (H, W, 3), extended beyond what is visible, and transparency (H, W) of one file, both uint8.

    Raises ValueError where it has none.
    """
    picture = _decode(path, cv2.IMREAD_UNCHANGED)
    if picture.ndim == 2 or picture.shape[2] < 4:
        raise ValueError(f"{path} has no transparency")
    picture = _eight_bits(picture)
    alpha = picture[..., 3]
    return extend_colours(cv2.cvtColor(picture[..., :3], cv2.COLOR_BGR2RGB), alpha), alpha


def list_pictures(folder: Path) -> list[Path]:
    """All pictures of a folder by name, hidden files left out. Raises FileNotFoundError where there are none."""
    found = _pictures(folder)
    if not found:
        raise FileNotFoundError(f"{folder} holds no pictures ({', '.join(PICTURES)})")
    return found


def list_pairs(images: Path, alphas: Path, kind: Kind = "photo") -> list[Pair]:
    """Pictures of one folder with the mattes of the same stem in another. Raises FileNotFoundError."""
    # Where a matte is there twice, the PNG wins: it lost nothing.
    mattes = {path.stem: path for path in sorted(_pictures(alphas), key=lambda path: path.suffix.lower() == ".png")}
    return _match(list_pictures(images), mattes, kind, lacking=f"{alphas}/NAME.png")


def find_pairs(folder: Path) -> list[Pair]:
    """The pairs of a folder in any of `LAYOUTS`, by name. Raises FileNotFoundError where it has none of them."""
    for root in (folder, folder / "train"):
        for colours, alphas, kind in FOLDERS:
            if (root / colours).is_dir() and (root / alphas).is_dir():
                return list_pairs(root / colours, root / alphas, kind)
    pictures = _pictures(folder)
    mattes = {path.stem.removesuffix(MATTING): path for path in pictures if path.stem.endswith(MATTING)}
    if mattes:
        photos = [path for path in pictures if not path.stem.endswith(MATTING)]
        return _match(photos, mattes, "photo", lacking=f"{folder}/NAME{MATTING}.png")
    if pictures and _is_transparent(pictures[0]):
        return [Pair(path, path, "cutout") for path in pictures]
    raise FileNotFoundError(f"{folder} holds no pictures with mattes; give a folder with {LAYOUTS}")


def _match(pictures: Iterable[Path], mattes: dict[str, Path], kind: Kind, lacking: str) -> list[Pair]:
    pairs = [Pair(picture, mattes.get(picture.stem, picture), kind) for picture in pictures]
    lonely = [pair.image for pair in pairs if pair.alpha == pair.image]
    if lonely:
        more = f", nor have {len(lonely) - 1} more" if len(lonely) > 1 else ""
        raise FileNotFoundError(f"{lonely[0]} has no matte {lacking.replace('NAME', lonely[0].stem)}{more}")
    return pairs


def _pictures(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("*") if p.suffix.lower() in PICTURES and not p.name.startswith("."))


def _is_transparent(path: Path) -> bool:
    try:
        read_transparent(path)
    except ValueError:
        return False
    return True


def _decode(path: Path, flags: int) -> np.ndarray:
    # Read by numpy, since OpenCV opens no names beyond ASCII on Windows.
    data = np.fromfile(path, np.uint8)
    picture = cv2.imdecode(data, flags) if data.size else None
    if picture is None:
        raise ValueError(f"{path} is not a picture that can be read")
    return picture


def _eight_bits(picture: np.ndarray) -> np.ndarray:
    return picture if picture.dtype == np.uint8 else (picture / 257 + 0.5).astype(np.uint8)
