"""A short form of `make scale-test`. Its figures vary more, so it leaves them more room."""

import pytest

from tests.scale.callers import gigapixel
from tests.scale.measure import Figure, over_time, under_attack, under_load

pytestmark = pytest.mark.slow


def test_many_callers_cost_no_more_memory_or_time_for_each_photo() -> None:
    memory, _, refusal, photo = under_load(clients=16, seconds=3, megapixels=0.1)

    assert memory.holds, memory
    assert refusal.holds, refusal
    assert photo.value >= 0.75, photo


def test_hostile_callers_leave_the_service_answering() -> None:
    told = under_attack()

    assert len(gigapixel()) < 100_000
    assert [figure for figure in told if not figure.holds] == []
    assert [figure.what for figure in told if "(" in figure.what] == [
        "a photo after 100 MB (413)",
        "a photo after a PNG of a gigapixel (413)",
        "a photo after a photo that is cut short (422)",
        "a photo after no photo (422)",
    ]


def test_memory_does_not_grow_with_the_photos() -> None:
    figure = over_time(5, 25)

    assert figure.holds, figure


def test_a_figure_beyond_its_target_is_a_miss() -> None:
    assert str(Figure("memory", 1.4, most=1.3)).startswith("MISS memory: 1.400 (at most 1.3)")
    assert not Figure("time", 0.9, least=0.95).holds
    assert Figure("time", 0.95, least=0.95).holds
