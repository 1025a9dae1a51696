"""Scenes: one or several people, small in the picture, at different sizes and places.

Photos and cut-outs show one large person each. A network that has seen nothing else loses people who are small.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from pspm.data.samples.combine_cutouts import combine_cutouts

# Height of a person / side of the picture. Larger people come from the other kinds of samples.
HEIGHTS = (1 / 8, 0.9)
# How many people, each as likely as the others.
COUNTS = (1, 1, 2, 3, 5)
# Standard deviation of the angle at which a person leans.
LEAN = np.deg2rad(5)
# How much of a person may lie beyond each edge of the picture, as a share of their height.
BEYOND = 0.3


def random_scene(
    rng: np.random.Generator, people: Sequence[tuple[np.ndarray, np.ndarray]], size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Place people in an empty picture, smaller ones behind larger ones. Returns colours (S, S, 3) and alpha (S, S).

    people: the colours, (H, W, 3), and alpha, (H, W), uint8, of at least one cut-out or photo. Composite the result
    over a background.
    """
    smallest, largest = np.log(HEIGHTS)
    heights = size * np.exp(rng.uniform(smallest, largest, len(people)))
    placed = [
        place(rng, image, alpha, float(height), size)
        for (image, alpha), height in zip(people, np.sort(heights)[::-1], strict=True)
    ]
    colours, alpha = placed[0]
    for behind in placed[1:]:
        colours, alpha = combine_cutouts((colours, alpha), behind)
    return colours, alpha


def place(
    rng: np.random.Generator, image: np.ndarray, alpha: np.ndarray, height: float, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Put one person of a height in pixels at a random place of a picture: colours (size, size, 3), alpha (size, size).

    The person is mirrored or not, and leans a little. A person without opaque pixels gives an empty picture.
    """
    rows = np.flatnonzero((alpha > 127).any(1))
    if not len(rows):
        return np.zeros((size, size, 3), np.uint8), np.zeros((size, size), np.uint8)
    scale = height / (rows[-1] + 1 - rows[0])
    if scale < 1:  # averages areas, against aliasing
        small = max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale))
        image, alpha = (cv2.resize(plane, small, interpolation=cv2.INTER_AREA) for plane in (image, alpha))
        scale = 1.0
    ys, xs = np.nonzero(alpha > 127)
    if not len(ys):  # too thin to be seen at this size
        return np.zeros((size, size, 3), np.uint8), np.zeros((size, size), np.uint8)
    middle = np.array([xs.min() + xs.max(), ys.min() + ys.max()]) / 2
    extent = scale * np.array([xs.max() - xs.min(), ys.max() - ys.min()])
    room = np.maximum(0, size / 2 + (BEYOND - 0.5) * extent)
    target = (size - 1) / 2 + rng.uniform(-1, 1, 2) * room
    angle, mirror = rng.normal(0, LEAN), rng.choice([-1, 1])
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = scale * rotation @ np.diag([mirror, 1])
    affine = np.column_stack([matrix, target - matrix @ middle])
    return (
        cv2.warpAffine(image, affine, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
        cv2.warpAffine(alpha, affine, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT),
    )
