"""Put people over a background, where they can plausibly be."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from pspm.scenes.people import Person

# People whose feet can be seen stand in this lower share of the picture.
GROUND = 0.3


class Scene(NamedTuple):
    """A picture, RGB (H, W, 3) uint8, and its alpha, (H, W) uint8."""

    image: np.ndarray
    alpha: np.ndarray


def compose(
    rng: np.random.Generator, background: np.ndarray, people: Sequence[Person], heights: Sequence[float]
) -> Scene:
    """Put people side by side over a background, RGB (H, W, 3) uint8, each in an equal share of its width.

    heights: of each person, in pixels. Who is cut off below stands at the lower edge of the picture, others have their
    feet in the lowest `GROUND` of it. People who overlap hide each other, the last in front.
    Colours are mixed as they are stored (gamma-encoded), as training and other evaluations do.
    """
    image: np.ndarray = background.astype(np.float32)
    alpha = np.zeros(background.shape[:2], np.float32)
    height, width = background.shape[:2]
    slot = width / len(people)
    for i, (person, tall) in enumerate(zip(people, heights, strict=True)):
        colours = person.scaled(tall)
        across, down = rng.random(2)
        rows, columns = colours.shape[:2]
        # Who is wider than the share is in its middle, or as near to that as the picture has room.
        room = slot - columns
        left = slot * i + (room * across if room > 0 else room / 2)
        left = float(np.clip(left, 0, width - columns)) if columns <= width else (width - columns) / 2
        feet = height if person.cut_below else height - down * min(GROUND * height, height - rows)
        paste(image, alpha, colours, round(feet) - rows, round(left))
    return Scene(np.rint(image).astype(np.uint8), np.rint(alpha * 255).astype(np.uint8))


def paste(image: np.ndarray, alpha: np.ndarray, colours: np.ndarray, top: int, left: int) -> None:
    """Paste a person into image, (H, W, 3) in [0, 255], and alpha, (H, W) in [0, 1], both float32, in place.

    colours: `Person.colours`. Parts outside the picture are cut off.
    """
    height, width = alpha.shape
    rows, columns = colours.shape[:2]
    inside = slice(max(0, top), min(height, top + rows)), slice(max(0, left), min(width, left + columns))
    part = colours[inside[0].start - top : inside[0].stop - top, inside[1].start - left : inside[1].stop - left]
    share = part[..., 3] / 255
    image[inside] = part[..., :3] + (1 - share[..., None]) * image[inside]
    alpha[inside] = share + (1 - share) * alpha[inside]


def cover(picture: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Scale and centre-crop a picture so that it fills (height, width)."""
    height, width = shape
    scale = max(height / picture.shape[0], width / picture.shape[1])
    size = max(width, round(picture.shape[1] * scale)), max(height, round(picture.shape[0] * scale))
    picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return picture[top : top + height, left : left + width]
