"""Clips with true alpha: a cut-out that moves in front of a photograph, with grain and compression."""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np

from pspm.scenes.people import Person

# (width, height) of clips, and of those with small people.
SIZE, SIZE_OF_SMALL = (640, 360), (2000, 1125)
# Of the height of the clip.
PERSON_HEIGHT = 0.85
# Heights of small people, in pixels, by even and odd seeds.
SMALL_HEIGHTS = (450, 300)
GRAIN = 3.0
JPEG_QUALITY = 80


class ClipFrame(NamedTuple):
    """A frame, RGB (H, W, 3) uint8, and its true alpha, (H, W) float32 in [0, 1]."""

    image: np.ndarray
    alpha: np.ndarray


class Path(NamedTuple):
    """How something moves: by (x, y) as shares of the clip's height, turned by degrees, scaled."""

    x: float
    y: float
    angle: float
    scale: float


def clip(kind: str, person: Person, background: np.ndarray, frames: int, seed: int) -> Iterator[ClipFrame]:
    """Make a clip of `SIZE`, or of `SIZE_OF_SMALL`.

    kind: "webcam": the person sways a little and the background stands still; "moving": the person moves, turns and
    comes nearer, and the background pans; "small": the same with a person of one of `SMALL_HEIGHTS` in a large picture.
    background: RGB (H, W, 3) uint8. Grain (Gaussian, `GRAIN` levels) and JPEG compression differ from frame to frame,
    as in a camera. The same seed gives the same clip.
    """
    rng = np.random.default_rng(seed)
    phase = rng.uniform(0, 2 * np.pi, 4)
    width, height = size = SIZE_OF_SMALL if kind == "small" else SIZE
    cut_out = person.scaled(SMALL_HEIGHTS[seed % 2] if kind == "small" else PERSON_HEIGHT * height)
    rows, columns = cut_out.shape[:2]
    for number in range(frames):
        of_person, of_background = _paths(kind, number, phase)
        behind = _moved(background.astype(np.float32), _cover(background, of_background, size), size)
        top = height - rows if person.cut_below else (height - rows) / 2
        place = _place(cut_out, of_person, (width - columns) / 2, top, height)
        front = cv2.warpAffine(cut_out, place, size, flags=cv2.INTER_LINEAR)
        alpha = np.clip(front[..., 3:] / 255, 0, 1)
        grain = rng.normal(0, GRAIN, alpha.shape).astype(np.float32)
        yield ClipFrame(_compressed(front[..., :3] + (1 - alpha) * behind + grain), alpha[..., 0])


def _paths(kind: str, number: int, phase: np.ndarray) -> tuple[Path, Path]:
    """Where the person and the background are in a frame."""
    at = 2 * np.pi * number / 60 + phase
    sway = np.sin(at)
    if kind == "webcam":
        return Path(0.004 * sway[0], 0.002 * sway[1], 0.3 * sway[2], 1), Path(0, 0, 0, 1)
    return (
        Path(0.2 * sway[0], 0.04 * sway[1], 5 * sway[2], 1 + 0.1 * sway[3]),
        Path(0.15 * sway[1], 0.05 * sway[2], 0, 1),
    )


def _place(picture: np.ndarray, path: Path, left: float, top: float, height: int) -> np.ndarray:
    """The affine transform, (2, 3), of a picture whose corner is at (left, top) before it moves.

    height: of the clip.
    """
    rows, columns = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((columns / 2, rows), path.angle, path.scale)
    moved = np.array(matrix, np.float64)
    moved[:, 2] += left + path.x * height, top + path.y * height
    return moved


def _cover(background: np.ndarray, path: Path, size: tuple[int, int]) -> np.ndarray:
    """The affine transform of a background that fills a clip of a size with room to pan."""
    rows, columns = background.shape[:2]
    width, height = size
    room = 0.2 * height
    scale = max((width + 2 * room) / columns, (height + 2 * room) / rows)
    left, top = (width - scale * columns) / 2, (height - scale * rows) / 2
    return np.array([[scale, 0, left + path.x * height], [0, scale, top + path.y * height]])


def _moved(picture: np.ndarray, matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    reduced = min(1.0, float(matrix[0, 0]))
    if reduced < 1:  # averaged first, because the transform only interpolates
        picture = cv2.resize(picture, None, fx=reduced, fy=reduced, interpolation=cv2.INTER_AREA)
        matrix = matrix.copy()
        matrix[:, :2] /= reduced
    return cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def _compressed(image: np.ndarray) -> np.ndarray:
    pixels = np.clip(np.rint(image), 0, 255).astype(np.uint8)
    _, jpeg = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    decoded = cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.ascontiguousarray(decoded[..., ::-1])
