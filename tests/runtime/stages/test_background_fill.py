import numpy as np
import pytest
from pspm_runtime.constants import CELLS
from pspm_runtime.stages.background_fill import fill_background


def spot(height: int, width: int, *places: tuple[int, int]) -> np.ndarray:
    """Weight at only a few pixels, (1, H, W)."""
    weight = np.zeros((1, height, width), np.float32)
    for y, x in places:
        weight[0, y, x] = 1
    return weight


@pytest.mark.parametrize(("height", "width"), [(1, 1), (5, 3), (40, 200), (257, 343)])
def test_the_only_light_is_everywhere(height: int, width: int) -> None:
    weight = spot(height, width, (height - 1, 0))
    colour = np.array([0.2, 3, 7], np.float32)[:, None, None]

    result = fill_background(colour * weight, weight)

    assert result.shape == (3, height, width)
    assert np.allclose(result, colour, rtol=1e-4)


def test_the_nearer_light_counts_more() -> None:
    weight = spot(48, 96, (24, 5), (24, 90))
    light = np.zeros((3, 48, 96), np.float32)
    light[:, 24, 5] = 1

    along = fill_background(light, weight)[0, 24]

    assert along[5] > 0.99
    assert along[90] < 0.01
    assert np.all(np.diff(along[5:91]) <= 1e-6)


def test_left_and_right_and_up_and_down_are_alike() -> None:
    rng = np.random.default_rng(0)
    weight = rng.random((1, 3 * CELLS, 2 * CELLS), np.float32)
    light = rng.random((3, 3 * CELLS, 2 * CELLS), np.float32) * weight
    result = fill_background(light, weight)

    for axis in (1, 2):
        flipped = fill_background(np.flip(light, axis), np.flip(weight, axis))
        assert np.allclose(np.flip(flipped, axis), result, atol=1e-5)


def test_a_picture_without_light_gives_finite_values() -> None:
    assert not fill_background(np.zeros((3, 30, 20), np.float32), np.zeros((1, 30, 20), np.float32)).any()
