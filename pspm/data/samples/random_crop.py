"""Random geometry: a square view of a picture and whatever belongs to it."""

import cv2
import numpy as np

ZOOM = (0.75, 1.9)
ROTATION = np.deg2rad(12)
AROUND = (1, 1.5, 2)


def random_view(rng: np.random.Generator, pictures: list[np.ndarray], size: int, border: int) -> list[np.ndarray]:
    """The same random (size, size) view of each picture: zoomed, turned, squeezed, mirrored.

    The short side of the pictures becomes `ZOOM` times the view. border: what OpenCV invents beyond the edge.
    """
    height, width = pictures[0].shape[:2]
    scale = size / min(height, width) * np.exp(rng.uniform(*np.log(ZOOM)))
    squeeze = np.exp(rng.uniform(-0.1, 0.1))
    angle = rng.uniform(-ROTATION, ROTATION) * (rng.random() < 0.5)
    mirror = rng.choice([-1, 1])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.diag([mirror * scale * squeeze, scale])
    slack = np.maximum(0, np.array([width, height]) - 0.9 * size / scale)
    centre = np.array([width, height]) / 2 + rng.uniform(-0.5, 0.5, 2) * slack
    affine = np.column_stack([matrix, size / 2 - matrix @ centre])
    return _warp(pictures, affine, scale, size, border)


def view_around_unknown(
    rng: np.random.Generator, image: np.ndarray, alpha: np.ndarray, size: int, border: int
) -> list[np.ndarray]:
    """A square of 1, 1.5 or 2 times `size` around a random pixel where alpha is soft, as (size, size), mirrored or not.

    image: (H, W, 3), alpha: (H, W). The square is moved into the picture where it would leave it, and is no larger
    than the picture's short side allows. Where nothing is soft, around any pixel (thesis sec. 3.6.1).
    """
    height, width = alpha.shape
    soft = np.flatnonzero((alpha > 0) & (alpha < 255))
    y, x = divmod(int(soft[rng.integers(len(soft))] if len(soft) else rng.integers(alpha.size)), width)
    side = min(size * rng.choice(AROUND), height, width)
    corner = np.clip(np.floor([x + 0.5 - side / 2, y + 0.5 - side / 2]), 0, [width - side, height - side])
    scale = size / side
    matrix = np.diag([scale * rng.choice([-1, 1]), scale])
    # OpenCV counts from the middle of the first pixel: so a square is mirrored onto itself, and none is interpolated
    # that keeps its size.
    middle = corner + side / 2 - 0.5
    affine = np.column_stack([matrix, size / 2 - 0.5 - matrix @ middle])
    return _warp([image, alpha], affine, scale, size, border)


def _warp(pictures: list[np.ndarray], affine: np.ndarray, scale: float, size: int, border: int) -> list[np.ndarray]:
    if scale < 1:
        sigma = 0.4 / scale
        pictures = [cv2.GaussianBlur(p, (0, 0), sigma) for p in pictures]
    return [cv2.warpAffine(p, affine, (size, size), flags=cv2.INTER_LINEAR, borderMode=border) for p in pictures]
