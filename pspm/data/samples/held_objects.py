"""Held objects: shapes cut from images without people, put into a person's hands or into the background.

Photos with mattes show few held objects, and a network that has not seen any predicts alphas near 0.5 for them. Objects
that are mostly in front of a person belong to the foreground, others to the background, so that a shape alone gives no
cue.
"""

import cv2
import numpy as np

from pspm.data.samples.combine_cutouts import combine_cutouts

# Half length of an object / sqrt(person area); for background objects / up to the image side.
HALF_LENGTH = (0.1, 0.45)
CORNERS = (4, 16)
# How much of an object has to be in front of the person, and how many positions are tried.
MIN_OVERLAP = 0.6
TRIES = 8


def add_held_object(
    rng: np.random.Generator, image: np.ndarray, alpha: np.ndarray, texture: np.ndarray, *, cutout: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Put an object into the hands of a person. Returns the image and alpha with the object.

    image: (S, S, 3) uint8; alpha: (S, S) uint8; texture: (S, S, 3) uint8, the object's colours.
    cutout: whether the image has the foreground colours only, to be composited later; if not, it is a whole photo.
    If there is no person or no position fits, returns image and alpha unchanged.
    """
    person = np.flatnonzero(alpha > 250)
    # The pixels are in reading order, so this leaves out the head.
    body = person[len(person) // 3 :]
    for _ in range(TRIES if len(body) else 0):
        y, x = divmod(int(body[rng.integers(len(body))]), alpha.shape[1])
        shape = random_shape(rng, (x, y), np.sqrt(len(person)), alpha.shape[0])
        covered = shape > 127
        if covered.any() and (alpha[covered] > 127).mean() > MIN_OVERLAP:
            colours, union = combine_cutouts((texture, shape), (image, alpha))
            return (colours if cutout else paste(image, texture, shape)), union
    return image, alpha


def add_background_object(rng: np.random.Generator, image: np.ndarray, texture: np.ndarray) -> np.ndarray:
    """Put an object anywhere into an image without people. image, texture: (S, S, 3) uint8."""
    size = image.shape[0]
    x, y = rng.integers(size, size=2)
    return paste(image, texture, random_shape(rng, (int(x), int(y)), size * rng.uniform(0.3, 1), size))


def paste(image: np.ndarray, texture: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """Composite the texture over the image with the alpha `shape`, (S, S) uint8."""
    a = shape[..., None].astype(np.float32) / 255
    return np.rint(a * texture + (1 - a) * image).astype(np.uint8)


def random_shape(rng: np.random.Generator, centre: tuple[int, int], scale: float, size: int) -> np.ndarray:
    """Draw the alpha of an object, (size, size) uint8: a rotated polygon, angular or rounded, with a soft edge.

    centre: (x, y) in pixels; scale: the length in pixels that `HALF_LENGTH` is a share of.
    """
    corners = int(rng.integers(*CORNERS, endpoint=True))
    angles = 2 * np.pi * (np.arange(corners) + rng.uniform(-0.3, 0.3, corners)) / corners
    radii = scale * rng.uniform(*HALF_LENGTH) * rng.uniform(0.75, 1, corners)
    aspect, rotation = rng.uniform(0.4, 1), rng.uniform(0, np.pi)
    along, across = radii * np.cos(angles), aspect * radii * np.sin(angles)
    points = np.column_stack(
        [
            along * np.cos(rotation) - across * np.sin(rotation),
            along * np.sin(rotation) + across * np.cos(rotation),
        ]
    )
    mask = cv2.fillPoly(np.zeros((size, size), np.uint8), [np.rint(points + centre).astype(np.int32)], 255)
    # A wide blur with a threshold rounds the corners; the narrow blur below softens the edge as a camera does.
    if rng.random() < 0.5:
        rounded = cv2.GaussianBlur(mask, (0, 0), max(1.0, 0.2 * float(radii.mean())))
        mask = np.where(rounded > 127, 255, 0).astype(np.uint8)
    return cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.5, 2))
