"""The cases of the looks: how people are found, and how the looks at them become one matte.

Their stages begin with "look-". An app that runs its network once for each photo needs none of them.
"""

from collections.abc import Iterator

import numpy as np
from PIL import Image

from pspm_runtime.constants import SECOND_REACH
from pspm_runtime.looks.boxes import boxes_of_people
from pspm_runtime.looks.look import Look, agreed
from pspm_runtime.looks.merge import merge, weights
from pspm_runtime.looks.regions import regions
from pspm_runtime.looks.second_look import blend, share_of_second_look
from pspm_runtime.spec.case import Case
from pspm_runtime.spec.pictures import disc, noise
from pspm_runtime.stages.network_view import InputSize, resize_to_view
from pspm_runtime.stages.refine import refine, settle

PHOTO = 1500, 1000
VIEW = 192, 128
RULE = InputSize(160, 32, 256)
MOST = 6
# Where people are in a matte of the size `VIEW`: left, top, width and height.
PEOPLE = {
    "one-large": ((40, 10, 110, 110),),
    "one-small": ((100, 60, 14, 20),),
    "far-apart": ((8, 80, 12, 20), (160, 70, 12, 24)),
    "group": ((60, 60, 12, 20), (80, 62, 12, 20), (98, 60, 10, 16)),
    "row": ((10, 50, 20, 20), (50, 50, 20, 20), (90, 50, 20, 20), (130, 50, 20, 20), (170, 50, 20, 20)),
    "nobody": (),
}
# Left, top, width, height and alpha of somebody whose box is just too long for one view.
LONG = 36, 0, 92, 28, 1.0


def look_cases() -> Iterator[Case]:
    """Yield a case of every step, on mattes of discs."""
    for name, people in PEOPLE.items():
        matte = _matte(people)
        found = regions(matte > 0.5)
        yield Case(
            "look-regions",
            name,
            {},
            {"mask": (matte > 0.5).astype(np.uint8)},
            {"boxes": _boxes([box for box, _ in found]), "pixels": np.array([n for _, n in found], np.int32)},
        )
        parameters = {**vars(RULE), "photo": list(PHOTO), "most": MOST}
        boxes = boxes_of_people(matte, PHOTO, RULE, MOST)
        yield Case("look-boxes", name, parameters, {"alpha": matte}, {"boxes": _boxes(boxes)})
    yield from _boxes_that_just_are()
    yield from _merging()
    yield from _mirror_image()
    yield from _second_look()


def _boxes_that_just_are() -> Iterator[Case]:
    """Mattes whose boxes would be others, were the limits a little other ones."""
    parameters = {**vars(RULE), "photo": list(PHOTO), "most": MOST}
    for name, people in {
        "halo": ((40, 40, 12, 16, 1.0), (52, 40, 8, 16, 0.101), (60, 40, 8, 16, 0.099)),
        "just-sure": ((40, 40, 12, 16, 0.505), (120, 80, 12, 16, 0.495)),
        "just-no-specks": ((40, 40, 4, 6, 1.0), (120, 80, 4, 5, 1.0)),
        "just-worth-it": ((20, 20, 64, 64, 1.0),),
        "just-too-long": (LONG,),
    }.items():
        matte = np.zeros((VIEW[1], VIEW[0]), np.float32)
        for left, top, width, height, value in people:
            matte[top : top + height, left : left + width] = value
        boxes = boxes_of_people(matte, PHOTO, RULE, MOST)
        yield Case("look-boxes", name, parameters, {"alpha": matte}, {"boxes": _boxes(boxes)})


def _merging() -> Iterator[Case]:
    boxes = {"inside": (30, 20, 130, 110), "corner": (0, 0, 90, 70), "edge": (100, 40, 192, 100)}
    for name, box in boxes.items():
        across, down = weights(box, VIEW)
        made = {"across": across.astype(np.int32), "down": down.astype(np.int32)}
        yield Case("look-weights", name, {"photo": list(VIEW)}, {"box": _boxes([box])[0]}, made)
    image = Image.fromarray(noise(*PHOTO, seed=7))
    first = _look((0, 0, *PHOTO), image, _matte(PEOPLE["one-large"]))
    closer = _look((800, 300, 1300, 900), image, disc(160, 192, softness=0.2))
    for guide in ("luma", "colours"):
        inputs = {"image": np.asarray(image)}
        for place, look in (("first", first), ("closer", closer)):
            inputs |= {f"{place}-alpha": look.alpha, f"{place}-view": np.asarray(look.view)}
        parameters = {"box": list(closer.box), "colours": int(guide == "colours")}
        matte = merge([first, closer], image, guide)
        yield Case("look-merge", guide, parameters, inputs, {"matte": np.asarray(matte)})
    yield Case(
        "look-refine-by-colours",
        "disc",
        {},
        {"alpha": first.alpha, "view": np.asarray(first.view), "image": np.asarray(image)},
        {"matte": np.asarray(refine(first.alpha, first.view, image, "colours"))},
    )


def _mirror_image() -> Iterator[Case]:
    """Two mattes of a view: softer or harder at the outline, and with things beside the person that one of them has."""
    for name, people in PEOPLE.items():
        one = _matte(people)
        other = np.minimum(1, one * np.float32(1.2))
        for left, strength in ((4, 0.25), (70, 0.35), (130, 1.0)):
            other[20:60, left : left + 30] = np.maximum(other[20:60, left : left + 30], np.float32(strength))
        yield Case("look-mirror", name, {}, {"one": one, "other": other}, {"alpha": agreed(one, other)})


def _second_look() -> Iterator[Case]:
    for name, people in PEOPLE.items():
        if not people:
            continue
        first = settle(_matte(people))
        share = share_of_second_look(first, SECOND_REACH)
        yield Case("look-share", name, {"reach": SECOND_REACH}, {"alpha": first}, {"share": share})
        width, height = VIEW
        # It agrees about most, and moves one side of everybody far.
        second = np.roll(np.array(Image.fromarray(first).resize((width * 3 // 2, height * 3 // 2))), 9, axis=1)
        inputs = {"first": first, "second": second, "share": share}
        yield Case("look-blend", name, {}, inputs, {"alpha": blend(first, second, share)})


def _matte(people: tuple[tuple[int, int, int, int], ...]) -> np.ndarray:
    matte = np.zeros((VIEW[1], VIEW[0]), np.float32)
    for left, top, width, height in people:
        width = min(width, VIEW[0] - left)
        matte[top : top + height, left : left + width] = disc(width, height, softness=0.2)
    return matte


def _look(box: tuple[int, int, int, int], image: Image.Image, alpha: np.ndarray) -> Look:
    return Look(box, alpha, resize_to_view(image.crop(box), (alpha.shape[1], alpha.shape[0])))


def _boxes(boxes: list[tuple[int, int, int, int]]) -> np.ndarray:
    return np.array(boxes, np.int32).reshape(-1, 4)
