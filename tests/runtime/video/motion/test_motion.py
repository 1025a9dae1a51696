"""Motion of a person from frame to frame, in front of what moves otherwise."""

from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.look import Look
from pspm_runtime.video.matting import Shot
from pspm_runtime.video.motion.motion import FINEST, Motion, levels, motion, sampled
from pspm_runtime.video.steady.temporal_filter import steadied

SIZE = (320, 192)


def texture(seed: int, size: tuple[int, int]) -> Image.Image:
    """A picture with detail at several scales."""
    rng = np.random.default_rng(seed)
    planes = [
        np.asarray(
            Image.fromarray(rng.uniform(0, 255, (h, w)).astype(np.float32)).resize(size, Image.Resampling.BICUBIC)
        )
        for h, w in ((6, 8), (20, 30), (60, 90))
    ]
    grey = np.clip(np.mean(planes, 0) * 1.4 - 50, 0, 255).astype(np.uint8)
    return Image.fromarray(grey).convert("RGB")


WALL, SHIRT = texture(1, (480, 320)), texture(2, SIZE)


def frame(person: float, wall: float = 0) -> tuple[Image.Image, np.ndarray]:
    """A person in an oval who is so many pixels to the right, before a wall that has moved too: view and matte."""
    down, across = np.mgrid[: SIZE[1], : SIZE[0]]
    distance = np.hypot((across - 140 - person) / 60, (down - 100) / 80)
    alpha = np.clip((1 - distance) * 30 + 0.5, 0, 1).astype(np.float32)

    def shifted(picture: Image.Image, by: float) -> np.ndarray:
        matrix = (1, 0, -by, 0, 1, 0)
        return np.asarray(picture.transform(SIZE, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR), float)

    mixed = alpha[..., None] * shifted(SHIRT, person) + (1 - alpha[..., None]) * shifted(WALL, wall - 20)
    return Image.fromarray(mixed.astype(np.uint8)), alpha


def found(here: tuple[Image.Image, np.ndarray], there: tuple[Image.Image, np.ndarray]) -> tuple[Motion, np.ndarray]:
    """The motion, and where the person is at the finest level."""
    way = motion(levels(*here), levels(*there))
    return way, np.asarray(Image.fromarray(here[1]).reduce(FINEST)) > 0.02


@pytest.mark.parametrize(("person", "wall"), [(3, 0), (10, 0), (-8, 6), (0, 9)])
def test_the_motion_is_the_persons_also_at_the_outline(person: float, wall: float) -> None:
    way, where = found(frame(0), frame(person, wall))

    across, down = FINEST * way.pixels[:, where]
    assert np.median(np.abs(across - person)) < 0.3
    assert np.percentile(np.abs(across - person), 95) < 1.5
    assert np.median(np.abs(down)) < 0.3
    assert way.weight[where].mean() > 0.9


def test_another_person_is_not_trusted() -> None:
    other = frame(0)[1]
    way, where = found(frame(0), (Image.eval(frame(0)[0], lambda x: 255 - x), other))

    assert way.weight[where].mean() < 0.2


def test_what_moves_far_counts_less() -> None:
    near, far = (Motion(np.full((2, 4, 4), by, np.float32), np.ones((4, 4), np.float32), (32, 32)) for by in (0.5, 12))

    assert near.weight.min() > 0.99
    assert far.weight.max() < 0.3


def test_two_motions_follow_one_another() -> None:
    first, second = found(frame(0), frame(5))[0], found(frame(5), frame(9))[0]
    where = found(frame(0), frame(5))[1]

    assert FINEST * first.then(second).pixels[0][where] == pytest.approx(9, abs=1.5)


@pytest.mark.parametrize("size", [(8, 8), (17, 40), (130, 70), (33, 1)])
def test_pictures_of_any_size_have_a_motion(size: tuple[int, int]) -> None:
    view = texture(0, size)
    alpha = np.ones(size[::-1], np.float32)

    way = motion(levels(view, alpha), levels(view, alpha))

    assert np.abs(way.flow).max() < 0.02
    assert way.trust.min() > 0.9


def test_values_between_pixels_and_outside() -> None:
    plane = np.arange(12, dtype=np.float32).reshape(3, 4)

    assert sampled(plane, np.array([[0.5, 3, 9], [0, 1.5, 9]], np.float32)).tolist() == [0.5, 9, 11]


def test_the_filter_steadies_the_outline_of_who_moves() -> None:
    rng = np.random.default_rng(0)
    truths, shots = [], []
    for i in range(9):
        view, alpha = frame(6 * i - 24, 2 * i)
        noisy = np.clip(alpha + rng.normal(0, 0.1, alpha.shape) * (alpha > 0) * (alpha < 1), 0, 1).astype(np.float32)
        truths.append(alpha)
        shots.append(Shot(i, Photo(view), [Look((0, 0, *SIZE), noisy, view)]))

    def error(given: Iterator[Shot[int]]) -> float:
        return float(
            np.mean([np.abs(x.looks[0].alpha - t).mean() for x, t in list(zip(given, truths, strict=True))[2:7]])
        )

    assert error(steadied(iter(shots))) < 0.75 * error(iter(shots))
