"""The temporal filter and the cuts where it begins again. It needs no PyAV."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PIL import Image
from pspm_runtime import video
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.look import Look
from pspm_runtime.model import Model
from pspm_runtime.stages.network_view import InputSize
from pspm_runtime.stages.temporal_smoothing import LARGEST_GHOST
from pspm_runtime.video.matting import Shot
from pspm_runtime.video.motion.cuts import CutDetector
from pspm_runtime.video.steady.temporal_filter import SHARE, steadied, steadied_live

from tests.runtime.fake_engine import FakeEngine

GREY = (120, 120, 120)
Filter = Callable[[Iterator[Shot[int]]], Iterator[Shot[int]]]


def shot(number: int, alpha: float | np.ndarray, colour: tuple[int, int, int] = GREY) -> Shot[int]:
    image = Image.new("RGB", (32, 16), colour)
    matte = np.full((16, 32), alpha, np.float32) if isinstance(alpha, float) else alpha.astype(np.float32)
    return Shot(number, Photo(image), [Look((0, 0, 32, 16), matte, image)])


def shot_of(number: int, person: np.ndarray, luma: np.ndarray) -> Shot[int]:
    """A shot of a person, (H, W) bool, in grey."""
    image = Image.fromarray(luma.astype(np.uint8)).convert("RGB")
    return Shot(number, Photo(image), [Look((0, 0, *image.size), person.astype(np.float32), image)])


def alphas(shots: Iterator[Shot[int]]) -> list[np.ndarray]:
    return [shot.looks[0].alpha for shot in shots]


@pytest.mark.parametrize("steady", [steadied, steadied_live])
def test_every_frame_comes_once_and_in_order(steady: Filter) -> None:
    for count in range(8):
        assert [shot.frame for shot in steady(shot(i, 0.5) for i in range(count))] == list(range(count))


@pytest.mark.parametrize("steady", [steadied, steadied_live])
def test_what_stays_the_same_does_not_change(steady: Filter) -> None:
    for alpha in alphas(steady(shot(i, 0.3) for i in range(6))):
        assert np.abs(alpha - 0.3).max() < 1e-6


def test_flicker_is_averaged_over_five_frames_without_the_extremes() -> None:
    flickering = [0.50, 0.52, 0.48, 0.52, 0.48, 0.52, 0.50]

    shown = [alpha[0, 0] for alpha in alphas(steadied(shot(i, a) for i, a in enumerate(flickering)))]

    assert shown[0] == pytest.approx(0.5)
    assert shown[3] == pytest.approx(np.mean(sorted(flickering[1:6])[1:-1]), abs=1e-4)


def test_live_flicker_is_less() -> None:
    flickering = [0.50 + 0.02 * (-1) ** i for i in range(20)]

    shown = [alpha[0, 0] for alpha in alphas(steadied_live(shot(i, a) for i, a in enumerate(flickering)))]

    assert np.ptp(shown[10:]) < 0.6 * np.ptp(flickering)


@pytest.mark.parametrize("steady", [steadied, steadied_live])
def test_what_moves_leaves_no_ghost(steady: Filter) -> None:
    """A dark person in front of a light wall moves by four pixels a frame. The outline itself is less than exact."""

    def frame(i: int) -> Shot[int]:
        person = np.zeros((48, 96), bool)
        person[:, 8 + 4 * i : 40 + 4 * i] = True
        return shot_of(i, person, np.where(person, 60, 120))

    for i, shown in enumerate(alphas(steady(frame(i) for i in range(6)))):
        wrong = np.abs(shown - frame(i).looks[0].alpha).max(0)
        for outline in (8 + 4 * i, 40 + 4 * i):
            wrong[outline - 1 : outline + 1] = 0
        assert wrong.max() <= max(0.03, LARGEST_GHOST)


def test_live_what_appears_and_vanishes_leaves_no_ghost() -> None:
    """A hand is seen beside a person who stands still, in every other frame."""

    def frame(i: int) -> Shot[int]:
        person = np.zeros((96, 192), bool)
        person[16:, 16:80] = True
        if i % 2:
            person[24:64, 112:152] = True
        return shot_of(i, person, np.where(person, 60, 120))

    for i, shown in enumerate(alphas(steadied_live(frame(i) for i in range(6)))):
        assert np.abs(shown - frame(i).looks[0].alpha).max() <= LARGEST_GHOST + 1e-6


def test_live_the_last_matte_counts_at_most_half_and_that_only_beside_the_outline() -> None:
    rng = np.random.default_rng(0)
    given = [rng.random((16, 32)) * (np.arange(32) > 20) for _ in range(10)]
    beside = np.arange(32) >= 16  # the cells of four pixels from the outline's neighbour on

    for new, shown in zip(given, alphas(steadied_live(shot(i, a) for i, a in enumerate(given))), strict=True):
        assert np.abs(shown - new)[:, ~beside].max() <= LARGEST_GHOST + 1e-6
        assert np.abs(shown - new).max() <= SHARE


@pytest.mark.parametrize("steady", [steadied, steadied_live])
def test_a_cut_begins_anew(steady: Filter) -> None:
    frames = [shot(i, 0.5 + 0.01 * (i % 2)) for i in range(5)]
    frames += [shot(i, 0.6 + 0.01 * (i % 2), (20, 90, 200)) for i in range(5, 10)]

    shown = alphas(steady(iter(frames)))

    assert np.array_equal(shown[5], frames[5].looks[0].alpha)
    assert not np.array_equal(shown[7], frames[7].looks[0].alpha)
    assert all(alpha.max() < 0.55 for alpha in shown[:5])
    assert all(alpha.min() > 0.59 for alpha in shown[5:])


def test_frames_that_wait_come_before_an_error() -> None:
    def failing() -> Iterator[Shot[int]]:
        yield from (shot(i, 0.5) for i in range(4))
        raise ValueError("the fifth")

    frames = steadied(failing())

    assert [next(frames).frame for _ in range(4)] == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="the fifth"):
        next(frames)


def test_a_cut_needs_other_colours() -> None:
    rng = np.random.default_rng(0)
    room, sea = (Image.fromarray(rng.integers(low, low + 80, (36, 64, 3), np.uint8)) for low in (20, 150))
    panned = Image.fromarray(np.roll(np.asarray(room), 7, 1))
    is_cut = CutDetector()

    assert [is_cut(view) for view in (room, panned, sea, sea, room)] == [False, False, True, False, True]


class Noisy(FakeEngine):
    """Its matte is the view's brightness, plus noise that differs from run to run."""

    def __init__(self) -> None:
        super().__init__()
        self.size = InputSize(64, 16, 128)
        self.rng = np.random.default_rng(0)

    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        noise = self.rng.normal(0, 0.02, view.shape[:2])
        return np.clip(view.mean(-1) / 255 + noise, 0, 1).astype(np.float32)


@pytest.mark.parametrize("live", [False, True])
def test_mattes_of_arrays_are_steadied(live: bool) -> None:
    frames = [np.full((64, 64, 3), 128, np.uint8)] * 12

    plain = [Model(engine, quality="fast").predict_alpha(frame) for engine in [Noisy()] for frame in frames]
    steady = list(video.matte(iter(frames), live=live, model=Model(Noisy(), quality="fast")))

    assert np.array_equal(steady[0], plain[0])
    assert np.std(steady[3:9], axis=0).mean() < 0.75 * np.std(plain[3:9], axis=0).mean()


def test_live_takes_no_frame_in_advance() -> None:
    taken = []

    def frames() -> Iterator[np.ndarray]:
        for i in range(5):
            taken.append(i)
            yield np.full((64, 64, 3), 128, np.uint8)

    mattes = video.matte(frames(), live=True, model=Model(Noisy(), quality="fast"))
    next(mattes)
    assert taken == [0]
