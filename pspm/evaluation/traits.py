"""Traits of a picture that can be measured without labels, and groups of pictures by them.

outline: how wide the soft edge of the upper half of the person is. Fine or curly hair makes it wide, but so do fur,
    blur, enlargement, and an estimated matte. It does not distinguish hair types.
size: the share of the picture that the person fills.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

# Groups of each trait, by terciles of the set.
GROUPINGS = {
    "outline": ("hard", "medium", "soft"),
    "size": ("small", "medium", "large"),
}


class Traits(NamedTuple):
    """Traits of one picture. softness: see `softness`. size: mean alpha, in [0, 1]."""

    softness: float
    size: float


def measure(alpha: np.ndarray) -> Traits:
    """Measure the traits of a picture by its true alpha, (H, W) in [0, 1]."""
    return Traits(softness(alpha), float(alpha.mean()))


def group(traits: Sequence[Traits]) -> dict[str, list[str]]:
    """Assign each picture of a set to a group of each of the `GROUPINGS`. Returns the groups by grouping."""
    return {
        "outline": terciles([trait.softness for trait in traits], GROUPINGS["outline"]),
        "size": terciles([trait.size for trait in traits], GROUPINGS["size"]),
    }


def softness(alpha: np.ndarray) -> float:
    """Mean width of the soft outline of the upper half of the person / sqrt(person area).

    alpha: (H, W) in [0, 1]. The width is the number of pixels between 0.05 and 0.95 divided by the number of pixels
    along the outline at 0.5. Returns 0 if there is no outline.
    """
    person = (alpha > 0.5).astype(np.uint8)
    rows = np.flatnonzero(person.any(axis=1))
    if not rows.size:
        return 0.0
    upper = slice(0, (rows[0] + rows[-1]) // 2 + 1)
    # The outline is what erosion removes; erosion removes nothing at the picture's borders.
    inner = cv2.erode(person, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))
    length = np.count_nonzero(person[upper] > inner[upper])
    soft = np.count_nonzero((alpha[upper] > 0.05) & (alpha[upper] < 0.95))
    return float(soft / length / np.sqrt(np.count_nonzero(person))) if length else 0.0


def terciles(values: Sequence[float], names: Sequence[str]) -> list[str]:
    """Name the tercile of each value: the lowest is names[0], the highest names[2]. Equal values stay together."""
    bounds = np.quantile(values, (1 / 3, 2 / 3))
    return [names[i] for i in np.searchsorted(bounds, values)]
