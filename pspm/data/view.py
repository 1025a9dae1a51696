"""Random geometry: a square view of a picture and whatever belongs to it."""

import cv2
import numpy as np

ZOOM = (0.75, 1.9)
ROTATION = np.deg2rad(12)


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
    if scale < 1:
        sigma = 0.4 / scale
        pictures = [cv2.GaussianBlur(p, (0, 0), sigma) for p in pictures]
    return [cv2.warpAffine(p, affine, (size, size), flags=cv2.INTER_LINEAR, borderMode=border) for p in pictures]
