"""The pictures of a set on which the subjects did worst, small enough to keep."""

import io
from dataclasses import dataclass, field

import cv2
import numpy as np
from PIL import Image

NUMBER = 12
HEIGHT = 240


@dataclass(frozen=True)
class Failure:
    """One picture as JPEG thumbnails. mad: the mean over the subjects; views: JPEG files by caption."""

    picture: str
    mad: float
    views: dict[str, bytes]


@dataclass
class Worst:
    """At most `NUMBER` failures, the largest mean absolute difference first."""

    failures: list[Failure] = field(default_factory=list)

    def offer(self, picture: str, image: np.ndarray, truth: np.ndarray, alphas: dict[str, np.ndarray]) -> None:
        """Keep a picture if it is among the worst so far.

        image: RGB (H, W, 3) uint8; truth, and alphas by subject: (H, W) in [0, 1].
        """
        mad = float(np.mean([np.abs(alpha - truth).mean() for alpha in alphas.values()]))
        if len(self.failures) == NUMBER and mad <= self.failures[-1].mad:
            return
        views = {"photo": _thumbnail(image), "truth": _thumbnail(_grey(truth))}
        for subject, alpha in alphas.items():
            views[f"alpha, {subject}"] = _thumbnail(_grey(alpha))
            views[f"difference, {subject}"] = _thumbnail(difference(alpha, truth))
        self.failures = sorted([*self.failures, Failure(picture, mad, views)], key=lambda f: -f.mad)[:NUMBER]


def difference(alpha: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Where alpha is too high in red, where it is too low in blue, white where it is right: RGB (H, W, 3) uint8."""
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
