"""The face of the one person in a photograph, by the Haar cascades that come with OpenCV 4."""

from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import cv2
import numpy as np

FRONTAL, PROFILE = "haarcascade_frontalface_alt2.xml", "haarcascade_profileface.xml"
SCALE_STEP = 1.1
NEIGHBOURS = 4
SMALLEST = 0.2
INSIDE = 0.6

Pose = Literal["frontal", "profile"]


class Face(NamedTuple):
    """pose: what the face looked like to the cascades; the square from row `top` and column `left`, in pixels."""

    pose: Pose
    top: int
    left: int
    side: int


def can_find_faces() -> bool:
    """Whether this OpenCV has the cascades; OpenCV 5 moved them into a package of its own, without their files."""
    return hasattr(cv2, "CascadeClassifier")


def find_face(image: np.ndarray, alpha: np.ndarray) -> Face | None:
    """The largest frontal face within the person, or else the largest face in profile, or None.

    image: RGB (H, W, 3) uint8; alpha: (H, W) in [0, 1], which has to fill `INSIDE` of the face's square, as nobody
    but the person counts. A side of less than `SMALLEST` of the square root of the person's area is no face.
    Needs `can_find_faces`.
    """
    smallest = max(1, round(SMALLEST * float(np.sqrt(alpha.sum()))))
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    mirrored = np.ascontiguousarray(grey[:, ::-1])
    frontal = _squares(FRONTAL, grey, smallest)
    # The cascade knows profiles that look to one side only.
    turned = [(grey.shape[1] - x - side, y, side) for x, y, side in _squares(PROFILE, mirrored, smallest)]
    profile = _squares(PROFILE, grey, smallest) + turned
    found: list[tuple[Pose, list[tuple[int, int, int]]]] = [("frontal", frontal), ("profile", profile)]
    for pose, squares in found:
        within = [(side, y, x) for x, y, side in squares if alpha[y : y + side, x : x + side].mean() >= INSIDE]
        if within:
            side, top, left = max(within)
            return Face(pose, top, left, side)
    return None


def _squares(cascade: str, grey: np.ndarray, smallest: int) -> list[tuple[int, int, int]]:
    """Column, row and side of whatever looks like a face."""
    found = _cascade(cascade).detectMultiScale(grey, SCALE_STEP, NEIGHBOURS, minSize=(smallest, smallest))
    return [(int(x), int(y), int(side)) for x, y, side, _ in found]


@cache
def _cascade(name: str) -> Any:
    # OpenCV 5 does not know the type.
    opencv: Any = cv2
    return opencv.CascadeClassifier(str(Path(opencv.data.haarcascades) / name))
