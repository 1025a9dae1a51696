import numpy as np
import pytest
from PIL import Image
from pspm_runtime import Model, NoPersonError
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.budget import BUDGETS, Budget
from pspm_runtime.looks.find import find_people, shows_somebody
from pspm_runtime.looks.regions import regions

from tests.runtime.fake_engine import SMALL, FakeEngine

ALL = BUDGETS["balanced"]
SIZE = 3200, 2080


class SeesRed(FakeEngine):
    """Takes red for people, as far as they are at least so many pixels high in its view; fainter ones are a trace."""

    def __init__(self, least: int = 0, trace: float = 0.0) -> None:
        super().__init__()
        self.least, self.trace = least, trace

    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        self.runs.append((view, trimap))
        alpha = ((view[..., 0] > 128) & (view[..., 1] < 128)).astype(np.float32)
        height = int(alpha.any(1).sum())
        return alpha if height >= self.least else alpha * np.float32(self.trace)


def photo_of(*people: tuple[int, int, int, int]) -> Photo:
    image = Image.new("RGB", SIZE, "white")
    for box in people:
        image.paste("red", box)
    return Photo(image)


def iou(alpha: np.ndarray, *people: tuple[int, int, int, int]) -> float:
    truth = np.zeros(SIZE[::-1], bool)
    for left, top, right, bottom in people:
        truth[top:bottom, left:right] = True
    return float(((alpha > 0.5) & truth).sum() / ((alpha > 0.5) | truth).sum())


def test_one_large_person_gets_one_look() -> None:
    engine = SeesRed()

    looks = find_people(engine, photo_of((600, 300, 2400, 2080)), ALL)

    assert [look.box for look in looks] == [(0, 0, *SIZE)]
    assert [view.shape[:2] for view, _ in engine.runs] == [(416, 640), (256, 400)]


def test_without_turns_in_the_budget_one_large_person_takes_one_run() -> None:
    engine = SeesRed()

    find_people(engine, photo_of((600, 300, 2400, 2080)), BUDGETS["fast"])

    assert len(engine.runs) == 1


def test_a_small_person_gets_a_closer_look_that_holds_all_of_it() -> None:
    person = (1000, 700, 1200, 1200)

    first, closer = find_people(SeesRed(), photo_of(person), ALL)

    assert first.box == (0, 0, *SIZE)
    assert closer.box[0] < 850 and closer.box[1] < 550 and closer.box[2] > 1350 and closer.box[3] > 1350
    assert closer.alpha.size > 0.9 * 512 * 512


def test_people_far_apart_and_the_limit() -> None:
    people = [(200, 700, 350, 1100), (2800, 700, 2950, 1100)]

    assert len(find_people(SeesRed(), photo_of(*people), ALL)) == 3
    assert len(find_people(SeesRed(), photo_of(*people), Budget(closer=1, hints=0, small_views=False))) == 2


@pytest.mark.parametrize("trace", [0.08, 0.0], ids=["in the first look", "in tiles only"])
def test_somebody_whom_the_first_look_misses_is_found(trace: float) -> None:
    person = (2000, 1300, 2080, 1500)
    model = Model(SeesRed(least=60, trace=trace))

    assert iou(model.predict_alpha(photo_of(person)), person) > 0.95


def test_hints_are_not_looked_into_where_the_budget_has_none() -> None:
    engine = SeesRed(least=60, trace=0.08)

    looks = find_people(engine, photo_of((2000, 1300, 2080, 1500)), Budget(closer=4, hints=0, small_views=False))

    assert len(looks) == len(engine.runs) == 1


def test_a_thing_that_only_the_closest_look_takes_for_somebody_is_nobody() -> None:
    engine = SeesRed(least=330, trace=0.2)

    assert len(find_people(engine, photo_of((2000, 1300, 2080, 1500)), ALL)) == 1


def test_an_empty_photo_costs_a_few_looks() -> None:
    engine = SeesRed()

    looks = find_people(engine, photo_of(), ALL)

    assert not shows_somebody(looks)
    assert len(engine.runs) == 1 + 1 + 4


def test_a_person_who_is_tiny_in_the_photo_counts_as_somebody() -> None:
    person = (2000, 1300, 2080, 1500)
    model = Model(SeesRed())

    assert model.predict_alpha(photo_of(person), require_person=True).max() == 1
    with pytest.raises(NoPersonError):
        model.predict_alpha(photo_of(), require_person=True)


class SeesMoreFromNear(SeesRed):
    """Takes blue for people too where it shows a part of the photo."""

    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        height, width, _ = view.shape
        is_part = abs(width / height - SIZE[0] / SIZE[1]) > 0.05
        is_blue = (view[..., 2:] > 128) & (view[..., :1] < 128)
        return super().alpha(np.where(is_blue & is_part, (255, 0, 0), view).astype(np.uint8))


@pytest.mark.parametrize(("height", "is_added"), [(900, False), (400, True)], ids=["large enough", "small"])
def test_what_the_first_look_sees_well_is_not_added_to(height: int, is_added: bool) -> None:
    person = (1500, 1000, 1500 + height // 3, 1000 + height)
    thing = (person[2], 1000, person[2] + height // 4, 1000 + height // 2)
    photo = photo_of(person)
    photo.image.paste("blue", thing)

    _, closer = find_people(SeesMoreFromNear(), photo, BUDGETS["fast"])

    left, top, right, bottom = closer.box
    at = (thing[2] - 20 - left, 1000 + height // 4 - top)
    x, y = at[0] * closer.view.width // (right - left), at[1] * closer.view.height // (bottom - top)
    assert closer.alpha[y, x] == is_added
    assert closer.alpha.max() == 1


class SeesSmallPeopleFaintly(FakeEngine):
    """Takes red for people. Those who are not so many pixels high in its view leave a trace."""

    def __init__(self, least: int, trace: float) -> None:
        super().__init__()
        self.least, self.trace = least, trace

    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        self.runs.append((view, trimap))
        is_red = (view[..., 0] > 128) & (view[..., 1] < 128)
        alpha = np.zeros(is_red.shape, np.float32)
        for box, _ in regions(is_red):
            left, top, right, bottom = box
            alpha[top:bottom, left:right] = 1 if bottom - top >= self.least else self.trace
        return alpha * is_red


LARGE_PERSON, SMALL_PERSON = (300, 300, 1400, 2080), (2500, 1500, 2600, 1780)


@pytest.mark.parametrize(("trace", "looks"), [(0.2, 2), (0.05, 1)], ids=["clear", "faint"])
def test_a_clear_trace_beside_somebody_is_looked_into(trace: float, looks: int) -> None:
    engine = SeesSmallPeopleFaintly(least=80, trace=trace)

    found = find_people(engine, photo_of(LARGE_PERSON, SMALL_PERSON), Budget(closer=4, hints=6, small_views=False))

    assert len(found) == looks
    if looks == 1:
        assert len(engine.runs) == 1
    else:
        left, top, right, bottom = found[1].box
        assert left <= 2500 and top <= 1500 and right >= 2600 and bottom >= 1780
        assert left > LARGE_PERSON[2]


def test_a_trace_that_turns_out_to_be_part_of_somebody_known_gets_no_look() -> None:
    engine = SeesSmallPeopleFaintly(least=80, trace=0.2)
    near = (1900, 1500, 1960, 1600)

    looks = find_people(engine, photo_of(LARGE_PERSON, near), Budget(closer=4, hints=6, small_views=False))

    assert [look.box for look in looks] == [(0, 0, *SIZE)]
    assert len(engine.runs) == 1


def test_a_hint_that_a_small_view_does_not_show_is_nobody() -> None:
    class SeesRedInLargeViews(SeesRed):
        """Sees nobody in a small view."""

        def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
            alpha = super().alpha(view, trimap)
            return alpha if view.shape[0] * view.shape[1] > SMALL**2 else np.zeros_like(alpha)

    person = (2000, 1300, 2080, 1500)
    assert shows_somebody(find_people(SeesRed(least=60, trace=0.04), photo_of(person), ALL))
    assert not shows_somebody(find_people(SeesRedInLargeViews(least=60, trace=0.04), photo_of(person), ALL))
