from typing import Any

import pytest
from pspm_runtime import PspmError
from pspm_runtime.files.background import open_background, parse_colour
from pspm_runtime.stages.bokeh import check_strength

from tests.runtime.pictures import assert_one_sentence


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("#20a0ff", (32, 160, 255)),
        ("#20A0FF", (32, 160, 255)),
        ("#fa0", (255, 170, 0)),
        ("beach.jpg", None),
        ("", None),
    ],
)
def test_colours(text: str, colour: tuple[int, int, int] | None) -> None:
    assert parse_colour(text) == colour


@pytest.mark.parametrize("text", ["#zzz", "#", "#12", "#12345", "#1234567", "#20a0fg", "#fff ", "#١٢٣"])
def test_bad_colour(text: str) -> None:
    with pytest.raises(PspmError) as caught:
        parse_colour(text)
    assert_one_sentence(caught.value, text, "#rrggbb", "for example")


@pytest.mark.parametrize(
    ("given", "colour"),
    [
        ("white", (255, 255, 255)),
        ("RebeccaPurple", (102, 51, 153)),
        ((255, 254, 0), (255, 254, 0)),
        ([0, 255, 0], (0, 255, 0)),
        ("white.jpg", None),
        ("./white", None),
    ],
)
def test_colours_as_names_and_numbers(given: Any, colour: tuple[int, int, int] | None) -> None:
    assert parse_colour(given) == colour
    if colour:
        assert open_background(given).image.getpixel((0, 0)) == colour


@pytest.mark.parametrize(
    "given", [(1, 2), (1, 2, 3, 4), (256, 0, 0), (-1, 0, 0), (0.5, 0, 0), ("a", "b", "c"), [], (True,) * 3]
)
def test_numbers_that_are_not_a_colour(given: Any) -> None:
    with pytest.raises(PspmError) as caught:
        open_background(given)
    assert_one_sentence(caught.value, repr(given), "three whole numbers from 0 to 255")


@pytest.mark.parametrize("strength", ["0.5", None, [1], True, float("nan"), 2])
def test_strengths_that_are_not_numbers_from_0_to_1(strength: Any) -> None:
    with pytest.raises(PspmError) as caught:
        check_strength(strength)
    assert_one_sentence(caught.value, "blur strength", "from 0 to 1")
