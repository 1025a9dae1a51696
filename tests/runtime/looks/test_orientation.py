from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.look import Look, look_at, smaller_look, whole
from pspm_runtime.looks.orientation import upright
from pspm_runtime.stages.network_view import InputSize

from tests.runtime.fake_engine import SMALL, FakeEngine


def bust(width: int, height: int) -> np.ndarray:
    """Somebody who is cut off by the lower edge."""
    alpha = np.zeros((height, width), np.float32)
    alpha[height // 3 :, width // 5 : -width // 5] = 1
    return alpha


def figure(width: int, height: int) -> np.ndarray:
    """Somebody who is whole."""
    alpha = np.zeros((height, width), np.float32)
    alpha[height // 10 : -height // 10, width // 3 : -width // 3] = 1
    return alpha


class KnowsUpright(FakeEngine):
    """Answers a bust for a view that is dark in its upper half, and a faint one for any other."""

    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        self.runs.append((view, trimap))
        height, width, _ = view.shape
        is_upright = view[: height // 2].mean() + 60 < view[height // 2 :].mean()
        return bust(width, height) * np.float32(1 if is_upright else 0.7)


def two_halves(width: int, height: int) -> Image.Image:
    photo = Image.new("RGB", (width, height), "white")
    photo.paste("black", (0, 0, width, height // 2))
    return photo


def areas(engine: FakeEngine) -> list[str]:
    sides = [(view.shape[0] * view.shape[1]) ** 0.5 for view, _ in engine.runs]
    return ["full" if side > 400 else "320" if 300 < side < 340 else f"{side:.0f}" for side in sides]


def seen(engine: FakeEngine, photo: Photo) -> Look:
    look = look_at(engine, photo, whole(photo))
    return upright(engine, photo, look, smaller_look(engine, photo, look, 0))


@pytest.mark.parametrize("answer", [bust, figure])
def test_somebody_upright_is_looked_at_once_more_in_a_small_view(answer: Callable[[int, int], np.ndarray]) -> None:
    engine = FakeEngine(answer)

    assert seen(engine, Photo(two_halves(640, 400))).turn == 0
    assert areas(engine) == ["full", "320"]


def test_somebody_who_is_elsewhere_in_a_small_view_is_doubtful() -> None:
    engine = FakeEngine(lambda width, height: bust(width, height) if width > 400 else figure(width, height))

    assert seen(engine, Photo(two_halves(640, 400))).turn == 0
    assert areas(engine) == ["full"] + ["320"] * 4


def test_what_is_soft_in_every_turn_stays_as_it_is() -> None:
    engine = FakeEngine(lambda width, height: bust(width, height) * np.float32(0.9))

    assert seen(engine, Photo(two_halves(640, 400))).turn == 0
    assert areas(engine) == ["full"] + ["320"] * 4


def test_somebody_who_is_surely_seen_is_not_turned_whatever_the_edges_say() -> None:
    engine = FakeEngine(lambda width, height: bust(width, height)[::-1].copy())

    assert seen(engine, Photo(two_halves(640, 400))).turn == 0
    assert areas(engine) == ["full", "320"]


def test_an_absurd_look_does_not_outweigh_the_small_views() -> None:
    class AllPersonInTheLargeView(KnowsUpright):
        def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
            alpha = super().alpha(view, trimap)
            return alpha if view.shape[0] * view.shape[1] < SMALL**2 else np.ones_like(alpha)

    photo = Photo(Image.fromarray(np.rot90(np.asarray(two_halves(640, 400)), -1)))

    assert seen(AllPersonInTheLargeView(), photo).turn == 1


def test_a_photo_of_nobody_is_not_turned_to_find_somebody() -> None:
    class SeesSomebodyTurned(KnowsUpright):
        """Answers nobody for a view that is dark in its upper half."""

        def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
            alpha = super().alpha(view, trimap)
            return alpha * np.float32(0 if view[: len(view) // 2].mean() < 60 else 1)

    engine = SeesSomebodyTurned()

    assert seen(engine, Photo(two_halves(640, 400))).turn == 0
    assert areas(engine) == ["full", "320"]


@pytest.mark.parametrize("turn", range(4))
def test_a_turned_photo_is_seen_upright_and_answered_as_it_is(turn: int) -> None:
    straight = Photo(two_halves(640, 400))
    photo = Photo(Image.fromarray(np.rot90(np.asarray(straight.image), -turn)))
    engine = KnowsUpright()

    found = seen(engine, photo)

    assert found.turn == turn
    assert np.array_equal(found.alpha, np.rot90(seen(engine, straight).alpha, -turn))
    assert found.view.size == found.alpha.shape[::-1]


def test_somebody_who_is_doubtful_in_the_small_view_is_seen_turned() -> None:
    def answer(width: int, height: int) -> np.ndarray:
        # The small view has nearly the same people, but soft ones.
        alpha = bust(width, height) * np.float32(1 if width > 400 else 0.9)
        alpha[:, : width // 4] *= width > 400
        return alpha

    engine = FakeEngine(answer)

    assert seen(engine, Photo(two_halves(640, 400))).turn == 0
    assert areas(engine) == ["full"] + ["320"] * 4


def test_the_small_views_are_made_of_the_first_one() -> None:
    engine = FakeEngine(bust)
    photo = Photo(two_halves(640, 400))

    look = look_at(engine, photo, whole(photo))
    photo.image.paste("white", (0, 0, 640, 400))
    smaller_look(engine, photo, look, 0)

    small, _ = engine.runs[-1]
    assert small[: len(small) // 2 - 4].max() == 0


def test_a_network_of_one_size_sees_the_first_view_once_more_only_if_turned() -> None:
    engine = FakeEngine(figure)
    engine.size = InputSize(512, 512, 512)

    seen(engine, Photo(two_halves(640, 400)))

    assert len(engine.runs) == 1


class TakesABedForSomebody(FakeEngine):
    """Answers what is red in a view.

    Of the whole photo, whose upper half is dark, small views lose it, and turned ones show a bust. `confirms`: whether
    closer views show it.
    """

    confirms = True

    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        self.runs.append((view, trimap))
        height, width, _ = view.shape
        red = (view[..., 0] > 200) & (view[..., 1] < 100)
        dark = view.max(2) < 100
        if dark.mean() < 0.2:
            return (red & self.confirms).astype(np.float32)
        if dark[: height // 2].mean() < 0.9:
            return bust(width, height)
        return (red & (height * width > SMALL**2)).astype(np.float32)


@pytest.mark.parametrize("confirms", [True, False])
def test_a_photo_is_not_turned_if_a_closer_look_confirms_somebody_small(confirms: bool) -> None:
    photo = two_halves(1500, 1000)
    photo.paste("red", (700, 800, 840, 1000))
    engine = TakesABedForSomebody()
    engine.confirms = confirms

    assert (seen(engine, Photo(photo)).turn == 0) is confirms
