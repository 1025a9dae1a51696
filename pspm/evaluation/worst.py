"""The pictures of a set with the largest errors, as thumbnails."""

import io
from dataclasses import dataclass, field

import cv2
import numpy as np
from PIL import Image

NUMBER = 12
HEIGHT = 240


@dataclass(frozen=True)
class Failure:
    """A picture with large errors. mad: mean over the candidates. views: thumbnails, JPEG files by caption."""

    picture: str
    mad: float
    views: dict[str, bytes]


@dataclass
class Worst:
    """Collects the `NUMBER` pictures with the largest mean absolute difference, the largest first."""

    failures: list[Failure] = field(default_factory=list)

    def offer(self, picture: str, image: np.ndarray, truth: np.ndarray, alphas: dict[str, np.ndarray]) -> None:
        """Keep a picture if it is among the worst so far.

        image: RGB (H, W, 3) uint8; truth: (H, W) in [0, 1]; alphas: (H, W) in [0, 1] by name of the candidate.
        """
        mad = float(np.mean([np.abs(alpha - truth).mean() for alpha in alphas.values()]))
        if len(self.failures) == NUMBER and mad <= self.failures[-1].mad:
            return
        views = {"photo": _thumbnail(image), "truth": _thumbnail(_grey(truth))}
        for candidate, alpha in alphas.items():
            views[f"alpha, {candidate}"] = _thumbnail(_grey(alpha))
            views[f"difference, {candidate}"] = _thumbnail(difference(alpha, truth))
        self.failures = sorted([*self.failures, Failure(picture, mad, views)], key=lambda f: -f.mad)[:NUMBER]


def difference(alpha: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Draw the error as RGB (H, W, 3) uint8: red where alpha is too high, blue where too low, white where correct."""
    excess, lack = np.clip(alpha - truth, 0, 1), np.clip(truth - alpha, 0, 1)
    return _grey(np.stack([1 - lack, 1 - excess - lack, 1 - excess], axis=-1))


def _grey(x: np.ndarray) -> np.ndarray:
    return (np.clip(x, 0, 1) * 255 + 0.5).astype(np.uint8)


def _thumbnail(picture: np.ndarray) -> bytes:
    height, width = picture.shape[:2]
    size = max(1, round(width * HEIGHT / height)), HEIGHT
    buffer = io.BytesIO()
    Image.fromarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA)).save(
        buffer, "JPEG", quality=85, subsampling=0
    )
    return buffer.getvalue()
