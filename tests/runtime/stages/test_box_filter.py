import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pspm_runtime.stages.box_filter import box_mean

SHAPES = hnp.array_shapes(min_dims=2, max_dims=4, min_side=1, max_side=9)
VALUES = st.floats(-100, 100, width=32)


def naive_mean(x: np.ndarray, radius: int) -> np.ndarray:
    result = np.empty(x.shape)
    for y in range(x.shape[-2]):
        for i in range(x.shape[-1]):
            window = x[..., max(0, y - radius) : y + radius + 1, max(0, i - radius) : i + radius + 1]
            result[..., y, i] = window.mean((-2, -1), dtype=np.float64)
    return result


@given(x=hnp.arrays(np.float32, SHAPES, elements=VALUES), radius=st.integers(0, 12))
def test_mean_is_that_of_the_window(x: np.ndarray, radius: int) -> None:
    mean = box_mean(x, radius)

    assert mean.dtype == np.float32
    assert mean.shape == x.shape
    assert np.allclose(mean, naive_mean(x, radius), atol=2e-3)


@given(x=hnp.arrays(np.float32, SHAPES, elements=VALUES))
def test_radius_beyond_the_image_gives_its_mean(x: np.ndarray) -> None:
    everywhere = np.broadcast_to(x.mean((-2, -1), keepdims=True, dtype=np.float64), x.shape)

    assert np.allclose(box_mean(x, 50), everywhere, atol=2e-3)


def test_input_is_left_alone() -> None:
    x = np.arange(30, dtype=np.float32).reshape(5, 6)

    box_mean(x, 1)

    assert np.array_equal(x, np.arange(30).reshape(5, 6))


def test_long_image_stays_accurate() -> None:
    x = np.random.default_rng(0).random((2, 3000), np.float32) * 255

    assert np.allclose(box_mean(x, 3), naive_mean(x, 3), atol=0.1)
