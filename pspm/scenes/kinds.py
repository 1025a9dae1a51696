"""The kinds of hard photos, and the sets of scenes that each kind has."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from pspm.data.folders.pairs import read_rgb
from pspm.scenes.cast import Cast
from pspm.scenes.compose import Scene, compose, cover

# Side of the scenes in which one person is large, and the height of that person as a share of it.
PORTRAIT, NEAR = 1000, (0.6, 0.92)
# Side of each person's picture in a video call.
TILE = 250
ROWS = (8, 12)
TURNS = (90, 180, 270)
GAMMAS = (2.5, 5)
# Standard deviation of the noise at night, in levels.
NOISE = 4
THUMBNAILS = (48, 96)
QUALITY, WORST_QUALITY = 92, 5
# How much darker than the data the person is against the light, how near the light is to white, how strong its glare.
SHADE, LIGHT, GLARE = 0.4, 0.65, 0.35


@dataclass(frozen=True)
class SceneSet:
    """Scenes that `pspm evaluate` scores as one set.

    draw: makes the scene of an index. count: how many there are at most; None for any number. quality: of the JPEG.
    """

    name: str
    draw: Callable[[Cast, int], Scene]
    quality: int = QUALITY
    of_backgrounds: bool = False


KINDS = {
    "small": "one or several people of each of --heights in a photo of --size",
    "group": "2 to 4 people of different --heights in a photo of --size",
    "turned": "one large person, turned by 90, 180 and 270 degrees",
    "row": "video calls: 8 and 12 people side by side",
    "night": "one large person in the dark: gamma 2.5 and 5, with noise",
    "jpeg5": "one large person as a JPEG of quality 5",
    "thumbnail": "one person, 48 and 96 pixels in all",
    "backlight": "one large person in the shade, before a bright background with glare",
    "empty": "each background alone",
}


def sets_of(kind: str, size: tuple[int, int], heights: Sequence[int], people: Sequence[int]) -> list[SceneSet]:
    """The sets of one of `KINDS`.

    size: (width, height) of scenes with small people. heights: of small people, in pixels. people: how many of them
    are in a scene; scenes take these numbers in turn.
    """
    match kind:
        case "small":
            return [SceneSet(f"small-{tall}", partial(draw_small, size, [tall], people)) for tall in heights]
        case "group":
            return [SceneSet("group", partial(draw_small, size, heights, (2, 3, 4)))]
        case "turned":
            return [SceneSet(f"turned-{turn}", partial(draw_turned, turn)) for turn in TURNS]
        case "row":
            return [SceneSet(f"row-{number}", partial(draw_row, number)) for number in ROWS]
        case "night":
            return [SceneSet(f"night-{gamma:g}", partial(draw_night, gamma)) for gamma in GAMMAS]
        case "jpeg5":
            return [SceneSet("jpeg5", draw_portrait, WORST_QUALITY)]
        case "thumbnail":
            return [SceneSet(f"thumbnail-{side}", partial(draw_thumbnail, side)) for side in THUMBNAILS]
        case "backlight":
            return [SceneSet("backlight", draw_backlight)]
        case "empty":
            return [SceneSet("empty", draw_empty, of_backgrounds=True)]
    raise ValueError(f"there is no kind {kind!r}; the kinds are {', '.join(KINDS)}")


def draw_small(size: tuple[int, int], heights: Sequence[int], people: Sequence[int], cast: Cast, index: int) -> Scene:
    """People in a large photo, each of one of the heights. A background enlarged to its size is blurred."""
    rng = cast.rng(index)
    number = people[index % len(people)]
    background = cover(read_rgb(cast.background(index)), size[::-1])
    return compose(rng, background, cast.of_scene(index, number), rng.choice(heights, number).tolist())


def draw_portrait(cast: Cast, index: int, side: int = PORTRAIT) -> Scene:
    """One person who fills most of a square photo."""
    rng = cast.rng(index)
    (person,) = cast.of_scene(index, 1)
    width, height = person.body
    # Wide people are lower, so that nothing of them is outside.
    share = min(rng.uniform(*NEAR), NEAR[1] * height / width)
    background = cover(read_rgb(cast.background(index)), (side, side))
    return compose(rng, background, [person], [share * side])


def draw_turned(turn: int, cast: Cast, index: int) -> Scene:
    """A portrait turned anticlockwise by 90, 180 or 270 degrees."""
    scene = draw_portrait(cast, index)
    return Scene(*(np.ascontiguousarray(np.rot90(picture, turn // 90)) for picture in scene))


def draw_row(number: int, cast: Cast, index: int) -> Scene:
    """A video call: portraits in front of their own backgrounds, side by side."""
    tiles = [draw_portrait(cast, index * number + i, TILE) for i in range(number)]
    return Scene(np.hstack([tile.image for tile in tiles]), np.hstack([tile.alpha for tile in tiles]))


def draw_night(gamma: float, cast: Cast, index: int) -> Scene:
    """A portrait darkened by a gamma, with noise."""
    image, alpha = draw_portrait(cast, index)
    dark = 255 * (image / 255) ** gamma + cast.rng(index).normal(0, NOISE, image.shape)
    return Scene(np.clip(np.rint(dark), 0, 255).astype(np.uint8), alpha)


def draw_thumbnail(side: int, cast: Cast, index: int) -> Scene:
    """A portrait reduced to a square of few pixels."""
    scene = draw_portrait(cast, index)
    return Scene(*(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA) for picture in scene))


def draw_backlight(cast: Cast, index: int) -> Scene:
    """A portrait in the shade before a bright background, whose glare covers the person's outline."""
    image, alpha = draw_portrait(cast, index)
    share = alpha[..., None].astype(np.float32) / 255
    bright = 255 - (255 - image.astype(np.float32)) * (1 - LIGHT)
    lit = (1 - share) * bright
    # The light that spreads in the lens adds to the picture, up to white.
    glare = GLARE * cv2.GaussianBlur(lit, (0, 0), PORTRAIT / 30)
    shaded = lit + share * SHADE * image
    return Scene(np.rint(255 - (255 - shaded) * (255 - glare) / 255).astype(np.uint8), alpha)


def draw_empty(cast: Cast, index: int) -> Scene:
    """A background as it is."""
    image = read_rgb(cast.background(index))
    return Scene(image, np.zeros(image.shape[:2], np.uint8))
