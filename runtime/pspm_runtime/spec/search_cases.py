"""The cases of the whole search for people, and of its matte, on photos with an engine that is arithmetic."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.merge import merge
from pspm_runtime.looks.quality import GUIDES, QUALITIES, Quality
from pspm_runtime.model import Model
from pspm_runtime.spec.case import Case
from pspm_runtime.spec.decision_cases import Rectangles, boxes_array, rule_parameters
from pspm_runtime.spec.pictures import disc
from pspm_runtime.stages.network_view import InputSize

SIZE = 720, 480
ANY_SIZE, ONE_SIZE = InputSize(384, 32, 768), InputSize(256, 256, 256, ((256, 256),))
FEW_SIZES = InputSize(256, 32, 320, ((256, 256), (320, 224), (224, 320)))
RULES = {"any-size": ANY_SIZE, "one-size": ONE_SIZE, "few-sizes": FEW_SIZES}
PERSON, GROUND = (40, 220, 60), (200, 40, 180)
# Views of fewer rows of somebody show a trace of them, and those of still fewer nothing.
TRACE, NOTHING = 30, 12
# People in a photo: left, top, width and height of an ellipse, and how much of a person's colour it has.
SCENES: dict[str, Rectangles] = {
    "large": ((220, 100, 280, 520, 1.0),),
    "small": ((300, 200, 60, 90, 1.0),),
    "missed": ((300, 200, 20, 30, 1.0),),
    "two-small": ((60, 300, 40, 70, 1.0), (600, 60, 50, 80, 1.0)),
    "row": tuple((20 + 140 * i, 220, 90, 90, 1.0) for i in range(5)),
    "tiny": ((300, 200, 14, 16, 1.0),),
    "nobody": (),
}
# Scenes that are searched with a network of one size too, and with every quality.
MAIN = "large", "small", "missed", "turned"


def search_cases() -> Iterator[Case]:
    """Yield the cases."""
    photos = {name: scene(people) for name, people in SCENES.items()}
    photos["turned"] = photos["large"].transpose(Image.Transpose.ROTATE_90)
    # Just so large, and just too small for its view, that it is seen in tiles.
    photos["worth-tiles"] = photos["tiny"].crop((100, 50, 690, 443))
    photos["not-worth-tiles"] = photos["tiny"].crop((100, 50, 685, 440))
    for name, image in photos.items():
        for rule in ("any-size", "one-size") if name in MAIN else ("any-size",):
            for quality in QUALITIES if name in MAIN else QUALITIES[:2]:
                yield from _searched(name, image, rule, quality)
    for name in ("large", "turned"):
        yield from _searched(name, photos[name], "few-sizes", "best")


def scene(people: Rectangles) -> Image.Image:
    """A photo of people as green ellipses, with soft edges, on another colour."""
    alpha = np.zeros(SIZE[::-1], np.float32)
    for left, top, width, height, strength in people:
        seen = alpha[top : top + height, left : left + width]
        seen[:] = np.maximum(seen, strength * disc(width, height, 0.25, 0.8)[: seen.shape[0], : seen.shape[1]])
    person, ground = np.array(PERSON, np.float32), np.array(GROUND, np.float32)
    return Image.fromarray((ground + alpha[..., None] * (person - ground) + np.float32(0.5)).astype(np.uint8))


@dataclass
class GreenEngine:
    """An engine that is arithmetic: green is a person.

    alpha = clip((green - red) / 128, 0, 1). Where fewer than `TRACE` rows of the view have any, it is multiplied by
    0.125, with fewer than `NOTHING` by 0; and by 0.75 where another edge has a larger mean than the lower one.
    runs: number of views that it saw.
    """

    size: InputSize
    takes_trimap: bool = False
    runs: int = field(default=0)

    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        """See the class."""
        self.runs += 1
        green, red = view[..., 1].astype(np.float32), view[..., 0].astype(np.float32)
        alpha = np.clip((green - red) / np.float32(128), 0, 1)
        rows = int((alpha > 0).any(1).sum())
        if rows < TRACE:
            alpha *= np.float32(0.125 if rows >= NOTHING else 0)
        lower, *others = (
            float(edge.mean(dtype=np.float64)) for edge in (alpha[-1], alpha[0], alpha[:, 0], alpha[:, -1])
        )
        if max(others) > lower:
            alpha *= np.float32(0.75)
        return alpha


def _searched(name: str, image: Image.Image, rule: str, quality: Quality) -> Iterator[Case]:
    engine = GreenEngine(RULES[rule])
    looks = Model(engine, quality=quality).looks(Photo(image))
    case = f"{name}-{rule}-{quality}"
    parameters = {**rule_parameters(RULES[rule]), "quality": QUALITIES.index(quality)}
    inputs = {"image": np.asarray(image)}
    found = {
        "boxes": boxes_array([look.box for look in looks]),
        "turns": np.array([look.turn for look in looks], np.int32),
        "runs": np.array([engine.runs], np.int32),
    }
    yield Case("look-search", case, parameters, inputs, found)
    matte = np.asarray(merge(looks, image, GUIDES[quality]))
    yield Case("look-matte", case, parameters, inputs, {"matte": matte})
