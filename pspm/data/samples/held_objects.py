"""Things: cut from pictures without people, held by a person or left lying about behind one.

Photographs with mattes show few things in hands, and a network that has not seen a thing is half certain of it. What
is mostly before a person belongs to them; what lies elsewhere does not, so an outline alone tells nothing.
"""

import cv2
import numpy as np

from pspm.data.samples.combine import combine

# Half a thing's length, as a share of the root of the person's area; of up to the picture's side where it lies about.
LENGTH = (0.1, 0.45)
CORNERS = (4, 16)
# How much of a thing has to be before the person, and how many places are tried.
BEFORE = 0.6
TRIES = 8


def hold(
    rng: np.random.Generator, image: np.ndarray, alpha: np.ndarray, texture: np.ndarray, *, cutout: bool
) -> tuple[np.ndarray, np.ndarray]:
    """A picture, (S, S, 3) with its alpha (S, S), both uint8, whose person holds a thing of the texture, (S, S, 3).

    cutout: the image is the person's own colours, to be composed later, not a whole photograph. Where no place is
    found, or nobody is there, image and alpha come back as they were.
    """
    person = np.flatnonzero(alpha > 250)
    # In reading order, so without the head.
    body = person[len(person) // 3 :]
    for _ in range(TRIES if len(body) else 0):
        y, x = divmod(int(body[rng.integers(len(body))]), alpha.shape[1])
        thing = outline(rng, (x, y), np.sqrt(len(person)), alpha.shape[0])
        covered = thing > 127
        if covered.any() and (alpha[covered] > 127).mean() > BEFORE:
            colours, union = combine((texture, thing), (image, alpha))
            return (colours if cutout else lay(image, texture, thing)), union
    return image, alpha


def leave(rng: np.random.Generator, picture: np.ndarray, texture: np.ndarray) -> np.ndarray:
    """A picture without people, (S, S, 3) uint8, with a thing somewhere in it."""
    size = picture.shape[0]
    x, y = rng.integers(size, size=2)
    return lay(picture, texture, outline(rng, (int(x), int(y)), size * rng.uniform(0.3, 1), size))


def lay(picture: np.ndarray, texture: np.ndarray, thing: np.ndarray) -> np.ndarray:
    """The texture over the picture, where the thing, (S, S) uint8, is."""
    a = thing[..., None].astype(np.float32) / 255
    return np.rint(a * texture + (1 - a) * picture).astype(np.uint8)


def outline(rng: np.random.Generator, centre: tuple[int, int], scale: float, size: int) -> np.ndarray:
    """The alpha of a thing, (size, size) uint8: a turned polygon, angular or round, with a soft edge."""
    corners = int(rng.integers(*CORNERS, endpoint=True))
    angles = 2 * np.pi * (np.arange(corners) + rng.uniform(-0.3, 0.3, corners)) / corners
    radii = scale * rng.uniform(*LENGTH) * rng.uniform(0.75, 1, corners)
    slim, turn = rng.uniform(0.4, 1), rng.uniform(0, np.pi)
    along, across = radii * np.cos(angles), slim * radii * np.sin(angles)
    points = np.column_stack(
        [along * np.cos(turn) - across * np.sin(turn), along * np.sin(turn) + across * np.cos(turn)]
    )
    mask = cv2.fillPoly(np.zeros((size, size), np.uint8), [np.rint(points + centre).astype(np.int32)], 255)
    # A wide blur and a threshold round the corners; a narrow one is the camera's.
    if rng.random() < 0.5:
        rounded = cv2.GaussianBlur(mask, (0, 0), max(1.0, 0.2 * float(radii.mean())))
        mask = np.where(rounded > 127, 255, 0).astype(np.uint8)
    return cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.5, 2))
