"""The cases of each decision of the search for people, from numbers and mattes on either side of every limit."""

from collections.abc import Iterator

import numpy as np
from PIL import Image

from pspm_runtime.constants import PERSON_SHARE, SMALL_SIDE
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.boxes import gain
from pspm_runtime.looks.budget import BUDGETS
from pspm_runtime.looks.clearer_view import is_clearer
from pspm_runtime.looks.closer import better_box, box_of_people, is_somebody, near_people
from pspm_runtime.looks.confirm import are_alike, is_same_person
from pspm_runtime.looks.hints import hints_in, tiles_of
from pspm_runtime.looks.look import Box, Look, agreement, for_thumbnails, view_size
from pspm_runtime.looks.orientation import doubt, is_certain, is_plain, turn_of_least_doubt
from pspm_runtime.looks.quality import GUIDES, QUALITIES
from pspm_runtime.looks.second_look import NEARNESS, plan
from pspm_runtime.spec.case import Case
from pspm_runtime.spec.pictures import disc
from pspm_runtime.stages.network_view import InputSize
from pspm_runtime.stages.refine import settle

SIZE = 720, 480
VIEW = 192, 128
RULE = InputSize(160, 32, 256)
RULES = {
    "any-size": InputSize(384, 32, 768),
    "one-size": InputSize(256, 256, 256, ((256, 256),)),
    "single-pixels": InputSize(384, 1, 768),
}
# Some are shown less enlarged than the rule's views.
THUMBNAILS = [(720, 480), (100, 64), (64, 100), (85, 60)]
# left, top, width and height of a rectangle of a matte, and its alpha.
Rectangles = tuple[tuple[int, int, int, int, float], ...]


def decision_cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _qualities()
    yield from _views()
    yield from _closer()
    yield from _hints()
    yield from _upright()
    yield from _second_views()


def rule_parameters(rule: InputSize) -> dict[str, object]:
    """A size rule as the parameters of a case."""
    sizes = [list(size) for size in rule.sizes]
    return {"side": rule.side, "multiple": rule.multiple, "longest": rule.longest, "sizes": sizes}


def boxes_array(boxes: list[Box]) -> np.ndarray:
    """Boxes as int32 (n, 4)."""
    return np.array(boxes, np.int32).reshape(-1, 4)


def matte_of(rectangles: Rectangles, size: tuple[int, int]) -> np.ndarray:
    """A matte of this (width, height): float32, 0 but for the rectangles."""
    alpha = np.zeros(size[::-1], np.float32)
    for left, top, width, height, value in rectangles:
        alpha[top : top + height, left : left + width] = value
    return alpha


def _qualities() -> Iterator[Case]:
    for number, quality in enumerate(QUALITIES):
        budget, nearness = BUDGETS[quality], NEARNESS.get(quality)
        again = [nearness.scale, nearness.runs, nearness.mirrored] if nearness else [1, 0, 0]
        numbers = [budget.closer, budget.hints, budget.small_views, *again, GUIDES[quality] == "colours"]
        inputs = {"quality": np.array([number], np.int32)}
        yield Case("look-quality", quality, {}, inputs, {"numbers": np.array(numbers, np.float64)})


def _views() -> Iterator[Case]:
    boxes: list[Box] = [(0, 0, *SIZE), (10, 20, 60, 200), (100, 100, 400, 150), (0, 0, 719, 480), (5, 5, 300, 301)]
    for name, rule in RULES.items():
        photo = (0, 0, *SIZE)
        sizes = [view_size(rule, box, turn) for box in boxes for turn in (0, 1)]
        small = [view_size(for_thumbnails(rule, size).smaller(SMALL_SIDE), (0, 0, *size)) for size in THUMBNAILS]
        outputs = {
            "sizes": np.array(sizes, np.int32),
            "gains": np.array([gain(box, photo, rule, turn) for box in boxes for turn in (0, 1)]),
            "small": np.array(small, np.int32),
        }
        inputs = {"boxes": boxes_array(boxes), "thumbnails": np.array(THUMBNAILS, np.int32)}
        yield Case("look-view", name, {**rule_parameters(rule), "photo": list(SIZE)}, inputs, outputs)


def _closer() -> Iterator[Case]:
    photo = Photo(Image.new("RGB", SIZE))
    box = 100, 60, 400, 320
    for name, people in {
        "fits": ((34, 34, 56, 56, 1.0),),
        "at-the-edge": ((0, 40, 60, 60, 1.0),),
        "just-at-the-edge": ((9, 30, 66, 62, 1.0),),
        "just-outside": ((16, 40, 88, 40, 1.0),),
        "lost": ((50, 50, 20, 24, 1.0),),
        "soft": ((34, 34, 60, 60, 0.8),),
        "just-hard": ((30, 30, 60, 60, 0.8715),),
        "just-soft": ((30, 30, 60, 60, 0.868),),
        "just-filled": ((60, 60, 28, 30, 1.0),),
        "just-empty": ((60, 60, 28, 29, 1.0),),
        "too-large": ((2, 2, 120, 120, 1.0),),
        "nobody": (),
    }.items():
        alpha = matte_of(people, (128, 128))
        look = Look(box, alpha, Image.new("RGB", (128, 128)))
        around, better = box_of_people(look), better_box(look, SIZE, RULE)
        outputs = {
            "people": boxes_array([around] if around else []),
            "better": boxes_array([better] if better else []),
            "somebody": np.array([is_somebody(look, photo)], np.int32),
        }
        yield Case(
            "look-closer",
            name,
            {**rule_parameters(RULE), "photo": list(SIZE), "box": list(box)},
            {"alpha": alpha},
            outputs,
        )
    yield from _near()
    pairs = [((0, 0, 100, 100), (0, 0, 100, 50 + step)) for step in (-2, -1, 0, 1)]
    same = [is_same_person(*pair) for pair in pairs]
    agreed = np.array([0.8, 0.848, 0.852, 0.9])
    outputs = {"same": np.array(same, np.int32), "alike": np.array([are_alike(float(x)) for x in agreed], np.int32)}
    inputs = {
        "one": boxes_array([one for one, _ in pairs]),
        "other": boxes_array([other for _, other in pairs]),
        "agreed": agreed,
    }
    yield Case("look-confirm", "limits", {}, inputs, outputs)


def _part(box: Box) -> dict[str, object]:
    """The parameters of a look at a box."""
    return {**rule_parameters(RULE), "photo": list(SIZE), "box": list(box)}


def _near() -> Iterator[Case]:
    first = np.zeros((128, 192), np.float32)
    first[40:90, 80:120] = 1
    # Just so large that the first look is trusted, and just too small for it.
    for name, box in (("trusted", (200, 100, 443, 338)), ("too-small", (200, 100, 440, 337))):
        near = near_people(first, box, SIZE, RULE, (60, 62))
        outputs = {"near": np.ones((60, 62), np.float32) if near is None else near}
        yield Case(
            "look-near",
            name,
            {**rule_parameters(RULE), "photo": list(SIZE), "box": list(box)},
            {"alpha": first},
            outputs,
        )


def _hints() -> Iterator[Case]:
    photo = Photo(Image.new("RGB", SIZE))
    alpha = np.zeros(VIEW[::-1], np.float32)
    for left, top, width, height, value in (
        (8, 8, 8, 12, 0.2),
        (40, 80, 8, 12, 0.0306),
        (64, 80, 8, 12, 0.0294),
        (100, 20, 8, 12, 0.101),
        (120, 60, 4, 5, 0.3),
        (140, 60, 4, 6, 0.4),
        (150, 100, 8, 12, 0.099),
        (20, 40, 48, 8, 0.5),
        (80, 100, 44, 8, 0.6),
    ):
        alpha[top : top + height, left : left + width] = value
    known: Box = (30, 20, 90, 100)
    for name, box, people in (
        ("whole", (0, 0, *SIZE), []),
        ("part", (200, 100, 700, 450), []),
        ("beside-somebody", (0, 0, *SIZE), [known]),
    ):
        look = Look(box, alpha, Image.new("RGB", VIEW))
        found = hints_in(look, photo, people)
        outputs = {
            "clearness": np.array([clearness for clearness, _ in found], np.float32),
            "windows": boxes_array([window for _, window in found]),
        }
        inputs = {"alpha": alpha, "known": boxes_array(people)}
        yield Case("look-hints", name, {"photo": list(SIZE), "box": list(box)}, inputs, outputs)
    for size in (SIZE, (300, 800), (900, 100)):
        inputs = {"photo": np.array(size, np.int32)}
        yield Case("look-tiles", f"{size[0]}x{size[1]}", {}, inputs, {"boxes": boxes_array(list(tiles_of(size)))})


def _upright() -> Iterator[Case]:
    for name, people in _measured().items():
        alpha = matte_of(people, VIEW)
        for turn in (0, 1, 3):
            look = Look((0, 0, *SIZE), alpha, Image.new("RGB", VIEW), turn)
            measures = {"doubt": np.array([doubt(look)]), "plain": np.array([is_plain(look)], np.int32)}
            yield Case("look-measures", f"{name}-{turn}", {"turn": turn}, {"alpha": alpha}, measures)
    numbers = np.array(
        [
            [1, 0.95, 0.02, 0.01, 0.2],
            [1, 0.902, 0.0495, 0.2, 0.2],
            [1, 0.898, 0.02, 0.2, 0.2],
            [1, 0.95, 0.0505, 0.2, 0.2],
            [0, 0.982, 0.2, 0.0249, 0.2],
            [0, 0.978, 0.2, 0.01, 0.2],
            [0, 0.99, 0.2, 0.0251, 0.2],
            [0, 0.2, 0.2, 0.9, PERSON_SHARE * 0.5],
            [0, 0.2, 0.2, 0.9, 0.1],
        ]
    )
    certain = [is_certain(bool(n[0]), *(float(x) for x in n[1:])) for n in numbers]
    doubts = np.array(
        [
            [0.02, 0.5, 0.5, 0.5],
            [0.06, 0.0499, 0.5, 0.5],
            [0.06, 0.0501, 0.5, 0.5],
            [0.5, 0.3, 0.099, 0.4],
            [0.5, 0.3, 0.101, 0.4],
            [0.5, -0.1, -0.1, -0.2],
        ]
    )
    turns = [turn_of_least_doubt([float(x) for x in row]) for row in doubts]
    outputs = {"certain": np.array(certain, np.int32), "turns": np.array(turns, np.int32)}
    yield Case("look-upright", "limits", {}, {"numbers": numbers, "doubts": doubts}, outputs)
    yield from _agreements()


def _measured() -> dict[str, Rectangles]:
    """Mattes just on either side of each limit of a plain look: left, top, width, height and alpha of rectangles."""
    return {
        "cut-off": ((40, 30, 110, 98, 1.0),),
        "lead": ((40, 30, 58, 98, 1.0),),
        "just-no-lead": ((40, 30, 57, 98, 1.0),),
        "touches": ((60, 30, 70, 70, 1.0), (80, 120, 10, 8, 0.95)),
        "just-touches": ((60, 30, 70, 70, 1.0), (80, 120, 10, 8, 0.97)),
        "whole-just-hard": ((60, 30, 90, 90, 0.9573),),
        "whole-just-soft": ((60, 30, 90, 90, 0.9565),),
        "usual-just-hard": ((30, 18, 130, 110, 0.97585),),
        "usual-just-soft": ((30, 18, 130, 110, 0.9754),),
        "nobody": (),
    }


def _agreements() -> Iterator[Case]:
    alpha = disc(192, 128, 0.3)
    for name, small in (
        ("alike", disc(96, 64, 0.3)),
        ("larger", disc(96, 64, 0.3, 0.66)),
        ("just-clearer", disc(96, 64, 0.268)),
        ("just-not-clearer", disc(96, 64, 0.2725)),
        ("just-enough", disc(96, 64, 0.1, 0.359)),
        ("just-too-little", disc(96, 64, 0.1, 0.356)),
    ):
        look = Look((0, 0, *SIZE), alpha, Image.new("RGB", VIEW))
        other = Look((0, 0, *SIZE), small.astype(np.float32), Image.new("RGB", (96, 64)))
        outputs = {
            "agreement": np.array([agreement(look, other)]),
            "clearer": np.array([is_clearer(other, look)], np.int32),
        }
        yield Case("look-agreement", name, {}, {"alpha": alpha, "small": other.alpha}, outputs)


def _second_views() -> Iterator[Case]:
    for name, rule, box, matte in (
        ("disc", RULES["any-size"], (0, 0, *SIZE), disc(480, 320, 0.3)),
        ("large-disc", RULES["any-size"], (0, 0, *SIZE), np.roll(disc(480, 320, 0.5, 0.9), (5, 9), (0, 1))),
        ("corner", RULES["any-size"], (40, 30, 300, 300), np.roll(disc(384, 384, 0.3, 0.3), (-140, 120), (0, 1))),
        ("little-enlarged", RULES["any-size"], (0, 0, 168, 112), disc(480, 320, 0.2, 0.3)),
        ("just-enough", RULES["any-size"], (0, 0, 157, 104), disc(480, 320, 0.2, 0.3)),
        ("too-much-enlarged", RULES["any-size"], (0, 0, 155, 104), disc(480, 320, 0.2, 0.3)),
        ("strip", RULES["any-size"], (0, 0, 720, 200), disc(736, 192, 0.2, 0.95)),
        ("one-size", RULES["one-size"], (0, 0, *SIZE), disc(256, 256, 0.3, 0.5)),
        ("one-size-large", RULES["one-size"], (0, 0, *SIZE), np.roll(disc(256, 256, 0.3, 0.9), 20, 1)),
        ("few-sizes", InputSize(256, 256, 256, ((256, 256), (256, 192))), (0, 0, *SIZE), disc(256, 256, 0.3)),
        ("nothing-soft", RULES["any-size"], (0, 0, *SIZE), np.ones((320, 480), np.float32)),
    ):
        alpha = settle(np.ascontiguousarray(matte))
        for quality in ("balanced", "best"):
            planned = plan(alpha, box, rule, NEARNESS[quality])
            size = [planned.size] if planned else []
            outputs = {
                "size": np.array(size, np.int32).reshape(-1, 2),
                "seen": boxes_array([planned.seen] if planned else []),
                "share": planned.share if planned else np.zeros_like(alpha),
            }
            parameters = {**rule_parameters(rule), "box": list(box), "quality": QUALITIES.index(quality)}
            yield Case("look-second-view", f"{name}-{quality}", parameters, {"alpha": alpha}, outputs)
