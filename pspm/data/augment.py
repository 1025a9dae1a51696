"""Random geometry, colour and camera faults for one training sample. Colours are float32 RGB in [0, 1]."""

import cv2
import numpy as np

ZOOM = (0.8, 2.0)
ROTATION = np.deg2rad(12)


def random_crop(rng: np.random.Generator, pictures: list[np.ndarray], size: int, border: int) -> list[np.ndarray]:
    """The same random (size, size) view of each picture: zoomed, turned, squeezed, mirrored.

    The short side of the pictures becomes `ZOOM` times the crop. border: what OpenCV invents beyond the edge.
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


def random_colour(rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
    """Another exposure, white balance, gamma and saturation."""
    image = image * rng.uniform(0.7, 1.3)
    if rng.random() < 0.8:
        image = image * rng.uniform(0.85, 1.15, (1, 1, 3))
    if rng.random() < 0.6:
        image = np.clip(image, 0, 1) ** np.exp(rng.uniform(-0.4, 0.4))
    if rng.random() < 0.5:
        grey = image.mean(2, keepdims=True)
        image = grey + (image - grey) * rng.uniform(0.4, 1.4)
    return np.clip(image, 0, 1).astype(np.float32)


def random_camera(rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
    """Black and white, soft focus, noise and JPEG, as cameras make them."""
    if rng.random() < 0.1:
        image = np.repeat(image.mean(2, keepdims=True), 3, 2)
    if rng.random() < 0.15:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.2))
    if rng.random() < 0.3:
        image = image + rng.normal(0, rng.uniform(0.005, 0.03), image.shape)
    image = np.clip(image, 0, 1).astype(np.float32)
    if rng.random() < 0.2:
        quality = int(rng.integers(40, 90))
        _, jpeg = cv2.imencode(".jpg", (image * 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
        decoded = cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
        assert decoded is not None
        image = decoded.astype(np.float32) / 255
    return image
