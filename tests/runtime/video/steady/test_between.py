"""Frames between: which ones the network sees, and the mattes of the others."""

from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from pspm_runtime.files.photo import Photo
from pspm_runtime.model import Model
from pspm_runtime.stages.network_view import InputSize
from pspm_runtime.video.steady.between import spaced_shots

from tests.runtime.fake_engine import FakeEngine

SIZE = (128, 96)


class Counting(FakeEngine):
    """Its matte is the green of the view. It counts its runs."""

    def __init__(self) -> None:
        super().__init__()
        self.size = InputSize(112, 16, 256)
        self.runs = 0

    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        self.runs += 1
        return (view[..., 1] / 255).astype(np.float32)


def picture(shift: float, wall: int = 60) -> Image.Image:
    """A green person with a pattern, so many pixels to the right."""
    down, across = np.mgrid[: SIZE[1], : SIZE[0]].astype(float)
    inside = np.clip((30 - np.hypot(across - 60 - shift, (down - 60) * 0.8)) / 4, 0, 1)[..., None]
    pattern = 120 + 100 * np.sin((across - shift) / 3) * np.sin(down / 4)
    person = np.dstack([pattern, np.full_like(pattern, 255), pattern])
    behind = np.dstack([wall + 20 * np.sin(across / 5), 0 * across, wall + 20 * np.sin(down / 6)])
    return Image.fromarray((inside * person + (1 - inside) * behind).astype(np.uint8))


def shot_of(pictures: list[Image.Image], first: int = 0) -> tuple[list[np.ndarray], int]:
    """The mattes, and how often the network ran."""
    engine = Counting()
    frames = ((number, Photo(image)) for number, image in enumerate(pictures, first))
    shots = list(spaced_shots(Model(engine, quality="fast"), frames, lambda number: number))
    assert [shot.frame for shot in shots] == list(range(first, first + len(pictures)))
    return [shot.looks[0].alpha for shot in shots], engine.runs


def seen(image: Image.Image) -> np.ndarray:
    (alpha,), _ = shot_of([image])
    return alpha


def test_every_other_frame_of_who_hardly_moves_is_seen() -> None:
    pictures = [picture(0.5 * i) for i in range(9)]

    alphas, runs = shot_of(pictures)

    assert runs == 5
    for image, alpha in zip(pictures, alphas, strict=True):
        assert np.abs(alpha - seen(image)).mean() < 4e-3
    # Unmoved, the mattes beside a frame would be as wrong as their distance.
    assert np.abs(alphas[1] - seen(pictures[1])).mean() < 0.5 * np.abs(alphas[0] - seen(pictures[1])).mean()


@pytest.mark.parametrize("first", [0, 1, 5, 8])
def test_a_part_has_the_mattes_of_the_whole(first: int) -> None:
    pictures = [picture(0.5 * i) for i in range(12)]
    whole, _ = shot_of(pictures)
    part, _ = shot_of(pictures[first:], first)

    for number in range(first + 1, len(pictures)):
        assert np.array_equal(part[number - first], whole[number])


def test_who_moves_fast_is_seen_in_every_frame() -> None:
    assert shot_of([picture(21 * i - 42) for i in range(5)])[1] == 5


def test_who_moves_at_a_walk_is_seen_in_every_other_frame() -> None:
    pictures = [picture(6 * i - 24) for i in range(9)]

    alphas, runs = shot_of(pictures)

    assert runs == 5
    for number in (1, 3, 5, 7):
        errors = [np.abs(alpha - seen(pictures[number])).mean() for alpha in (alphas[number], alphas[number - 1])]
        assert errors[0] < 0.2 * errors[1]


def test_who_appears_is_seen() -> None:
    empty = Image.fromarray(np.zeros((SIZE[1], SIZE[0], 3), np.uint8))

    assert shot_of([empty, empty, picture(0)])[1] == 3


@pytest.mark.parametrize("cut", [3, 4])
def test_a_scene_begins_with_what_the_network_sees(cut: int) -> None:
    pictures = [picture(0)] * cut + [picture(30, 220)] * 4

    alphas, _ = shot_of(pictures)

    assert np.array_equal(alphas[cut], seen(pictures[cut]))
    assert np.array_equal(alphas[cut - 1], seen(pictures[cut - 1]))


def test_a_frame_that_waits_comes_before_an_error() -> None:
    def failing() -> Iterator[tuple[int, Photo]]:
        yield from ((i, Photo(picture(0))) for i in range(2))
        raise ValueError("the third")

    shots = spaced_shots(Model(Counting(), quality="fast"), failing(), lambda number: number)

    assert [next(shots).frame for _ in range(2)] == [0, 1]
    with pytest.raises(ValueError, match="the third"):
        next(shots)
