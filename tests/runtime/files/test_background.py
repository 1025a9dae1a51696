import pytest
from pspm_runtime import PspmError
from pspm_runtime.files.background import parse_colour

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
