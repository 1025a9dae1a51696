"""Folders of pictures with mattes, and folders of pictures alone."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

PICTURES = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True)
class Pair:
    """A picture and its matte of the same size."""

    image: Path
    alpha: Path

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """RGB (H, W, 3) and alpha (H, W), both uint8."""
        image, alpha = read_rgb(self.image), cv2.imread(str(self.alpha), cv2.IMREAD_GRAYSCALE)
        if alpha is None or alpha.shape != image.shape[:2]:
            raise ValueError(f"{self.alpha} is not a matte of the same size as {self.image}")
        return image, alpha


def read_rgb(path: Path) -> np.ndarray:
    """RGB (H, W, 3) uint8. Raises ValueError where the file is no picture."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError(f"{path} is not a picture that can be read")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def list_pictures(folder: Path) -> list[Path]:
    """All pictures of a folder by name. Raises FileNotFoundError where there are none."""
    found = sorted(path for path in folder.glob("*") if path.suffix.lower() in PICTURES)
    if not found:
        raise FileNotFoundError(f"{folder} holds no pictures ({', '.join(PICTURES)})")
    return found


def list_pairs(images: Path, alphas: Path) -> list[Pair]:
    """Pictures of one folder with the PNG mattes of the same name in another. Raises FileNotFoundError."""
    pairs = [Pair(image, alphas / f"{image.stem}.png") for image in list_pictures(images)]
    for pair in pairs:
        if not pair.alpha.is_file():
            raise FileNotFoundError(f"{pair.image} has no matte {pair.alpha}")
    return pairs
