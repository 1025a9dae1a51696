"""Flicker: how much the matte changes when the photo changes slightly."""

from collections.abc import Callable

import cv2
import numpy as np

from pspm.evaluation.candidate import Candidate

SHIFT = (3, 2)
SCALE = 0.97
QUALITY = 90
MARGIN = 8

Change = Callable[[np.ndarray], np.ndarray]


def flicker(candidate: Candidate, image: np.ndarray, trimap: np.ndarray, alpha: np.ndarray) -> float:
    """Mean absolute difference between the changed matte of a photo and the matte of the changed photo.

    Averaged over three changes: a shift by `SHIFT` pixels, a scaling by `SCALE`, and JPEG compression with `QUALITY`.
    Borders of `MARGIN` pixels do not count.
    image: RGB (H, W, 3) uint8; trimap: (H, W) uint8 classes; alpha: the candidate's alpha of the photo, (H, W).
    """
    changes: list[tuple[Change, Change, Change]] = [
        (_shift, _shift, _shift),
        (_scale, _scale, _scale_classes),
        (_recode, lambda matte: matte, lambda classes: classes),
    ]
    inside = (slice(MARGIN, -MARGIN),) * 2
    differences = []
    for change, change_matte, change_classes in changes:
        estimate = candidate.estimate(change(image), change_classes(trimap)).alpha
        differences.append(np.abs(estimate - change_matte(alpha))[inside].mean())
    return float(np.mean(differences))


def _shift(picture: np.ndarray) -> np.ndarray:
    right, down = SHIFT
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float64)
    height, width = picture.shape[:2]
    return cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)


def _scale(picture: np.ndarray) -> np.ndarray:
    height, width = picture.shape[:2]
    return cv2.resize(picture, (round(width * SCALE), round(height * SCALE)), interpolation=cv2.INTER_AREA)


def _scale_classes(trimap: np.ndarray) -> np.ndarray:
    height, width = trimap.shape
    return cv2.resize(trimap, (round(width * SCALE), round(height * SCALE)), interpolation=cv2.INTER_NEAREST)


def _recode(picture: np.ndarray) -> np.ndarray:
    _, jpeg = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    decoded = cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded[..., ::-1]
