import numpy as np
import pytest
from PIL import Image
from pspm_runtime.constants import MOST_ENLARGED
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.budget import BUDGETS
from pspm_runtime.looks.find import find_people

from tests.runtime.fake_engine import SMALL, FakeEngine
from tests.runtime.pictures import disc

BALANCED = BUDGETS["balanced"]


def confused(width: int, height: int) -> np.ndarray:
    """A faint disc in a large view, a hard one in a small one."""
    return disc(width, height) * np.float32(0.6 if width * height > SMALL**2 else 1)


def test_where_the_large_view_confuses_the_small_one_says_who_is_the_person() -> None:
    (look,) = find_people(FakeEngine(confused), Photo(Image.new("RGB", (1600, 1600))), BALANCED)

    assert look.view.size == (512, 512)
    assert look.box == (0, 0, 1600, 1600)
    assert look.alpha[256, 256] == 1
    assert look.alpha[8, 8] == 0
    assert np.abs(look.alpha - disc(512, 512)).mean() < 0.02


def test_of_the_soft_part_the_large_view_decides() -> None:
    def answer(width: int, height: int) -> np.ndarray:
        large = width * height > SMALL**2
        alpha = disc(width, height)
        # Inside, the large view is confused; at the edge of the disc it has a finer pattern.
        soft = (alpha > 0.05) & (alpha < 0.95)
        inner = alpha >= 0.95
        pattern = np.indices(alpha.shape).sum(0) % 2
        return np.where(soft & large, pattern, np.where(inner & large, 0.5, alpha)).astype(np.float32)

    (look,) = find_people(FakeEngine(answer), Photo(Image.new("RGB", (1600, 1600))), BALANCED)

    soft = (disc(512, 512) > 0.2) & (disc(512, 512) < 0.8)
    # Neighbours differ as they do in the large view only.
    assert np.abs(np.diff(look.alpha, axis=1))[soft[:, 1:] & soft[:, :-1]].mean() > 0.5
    assert look.alpha[256, 256] == 1


def test_without_small_views_in_the_budget_the_large_one_decides() -> None:
    looks = find_people(FakeEngine(confused), Photo(Image.new("RGB", (1600, 1600))), BUDGETS["fast"])

    assert looks[0].alpha.max() == np.float32(0.6)


def test_where_both_views_are_as_hard_the_large_one_decides() -> None:
    looks = find_people(FakeEngine(disc), Photo(Image.new("RGB", (1600, 1600))), BALANCED)

    assert np.array_equal(looks[0].alpha, disc(512, 512))


def test_somebody_small_is_not_decided_by_a_small_view() -> None:
    def answer(width: int, height: int) -> np.ndarray:
        alpha = np.zeros((height, width), np.float32)
        alpha[height // 2 :, : width // 8] = 0.6 if width * height > SMALL**2 else 1
        return alpha

    looks = find_people(FakeEngine(answer), Photo(Image.new("RGB", (1600, 1600))), BALANCED)

    assert looks[0].alpha.max() == np.float32(0.6)


@pytest.mark.parametrize("quality", ["fast", "balanced", "best"])
@pytest.mark.parametrize(("width", "height"), [(48, 48), (64, 40), (30, 100)])
def test_a_thumbnail_is_enlarged_only_so_far(quality: str, width: int, height: int) -> None:
    engine = FakeEngine(disc)

    find_people(engine, Photo(Image.new("RGB", (width, height))), BUDGETS[quality])  # type: ignore[index]

    for view, _ in engine.runs:
        area = view.shape[0] * view.shape[1] / (width * height)
        # Sides are rounded to multiples of 16 pixels.
        assert 0.8 * MOST_ENLARGED < area**0.5 < 1.1 * MOST_ENLARGED
