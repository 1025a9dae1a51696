"""The pictures of a set in groups, by what can be measured where nobody has labelled anything.

Every grouping stands in for something that it is not:

face tone: the angle of skin colours (ITA) of a frontal face *as photographed*. Light, exposure and white balance weigh
    as much as skin does, so "dark" holds faces in the shade of whatever skin. It is no label of a person.
outline: how wide the soft edge of the person's upper half is. Fine or curly hair makes it wide, but so do fur, blur,
    enlargement, and a matte that was guessed. It does not tell hair types apart.
pose: what the face cascades found. "no face" is turned away or covered, or a face that they missed; three-quarter
    views may be anywhere.
size: the share of the picture that the person fills.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from pspm.evaluation.groups.faces import Face, can_find_faces, find_face

GROUPINGS = {
    "face tone": ("light", "intermediate", "dark", "black and white", "no frontal face"),
    "outline": ("hard", "medium", "soft"),
    "pose": ("frontal face", "profile face", "no face"),
    "size": ("small", "medium", "large"),
}

# Of the six classes usual since Chardon et al. (1991) and Del Bino et al. (2006): very light and light,
# intermediate and tan, brown and dark. Degrees.
LIGHT, DARK = 41.0, 10.0
GREY_CHROMA = 2.0
# Nose and cheeks, as parts of the face's square: rows, columns.
CHEEKS = (0.45, 0.7), (0.2, 0.8)


class Traits(NamedTuple):
    """What was measured in one picture. tone, pose: groups, None where this OpenCV finds no faces; the others: >= 0."""

    tone: str | None
    pose: str | None
    softness: float
    size: float


def measure(image: np.ndarray, alpha: np.ndarray) -> Traits:
    """The traits of RGB (H, W, 3) uint8 with the true alpha, (H, W) in [0, 1]."""
    tone = pose = None
    if can_find_faces():
        face = find_face(image, alpha)
        pose = f"{face.pose} face" if face else "no face"
        tone = face_tone(_cheeks(image, face)) if face and face.pose == "frontal" else "no frontal face"
    return Traits(tone, pose, softness(alpha), float(alpha.mean()))


def group(traits: Sequence[Traits]) -> dict[str, list[str]]:
    """The group of each picture of a set, for each of the `GROUPINGS` that could be measured."""
    groups = {
        "face tone": [trait.tone for trait in traits if trait.tone],
        "outline": terciles([trait.softness for trait in traits], GROUPINGS["outline"]),
        "pose": [trait.pose for trait in traits if trait.pose],
        "size": terciles([trait.size for trait in traits], GROUPINGS["size"]),
    }
    return {grouping: members for grouping, members in groups.items() if members}


def face_tone(skin: np.ndarray) -> str:
    """The "face tone" of pixels of a face, RGB (..., 3) uint8."""
    lab = cv2.cvtColor(skin.reshape(-1, 1, 3).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[:, 0]
    lightness, a, b = np.median(lab, axis=0)
    if np.hypot(a, b) < GREY_CHROMA:
        return "black and white"
    angle = typology_angle(lightness, b)
    return "light" if angle > LIGHT else "intermediate" if angle > DARK else "dark"


def typology_angle(lightness: float, b: float) -> float:
    """The individual typology angle of a CIELAB colour, in degrees; past 90 where b < 0, under bluish light."""
    return float(np.degrees(np.arctan2(lightness - 50, b)))


def softness(alpha: np.ndarray) -> float:
    """The mean width of the soft outline in the upper half of the person, relative to the person.

    alpha: (H, W) in [0, 1]. Counts pixels between 0.05 and 0.95, for each pixel along the outline at 0.5 and each unit
    of the square root of the person's area. 0 where there is no outline.
    """
    person = (alpha > 0.5).astype(np.uint8)
    rows = np.flatnonzero(person.any(axis=1))
    if not rows.size:
        return 0.0
    upper = slice(0, (rows[0] + rows[-1]) // 2 + 1)
    # What erosion takes away; at the picture's borders it takes nothing.
    inner = cv2.erode(person, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))
    length = np.count_nonzero(person[upper] > inner[upper])
    soft = np.count_nonzero((alpha[upper] > 0.05) & (alpha[upper] < 0.95))
    return float(soft / length / np.sqrt(np.count_nonzero(person))) if length else 0.0


def terciles(values: Sequence[float], names: Sequence[str]) -> list[str]:
    """The lowest third as names[0], the highest as names[2]; equal values stay together."""
    bounds = np.quantile(values, (1 / 3, 2 / 3))
    return [names[i] for i in np.searchsorted(bounds, values)]


def _cheeks(image: np.ndarray, face: Face) -> np.ndarray:
    rows, columns = (
        slice(start + round(low * face.side), start + round(high * face.side))
        for start, (low, high) in zip((face.top, face.left), CHEEKS, strict=True)
    )
    return image[rows, columns]
