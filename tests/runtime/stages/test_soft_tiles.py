import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pspm_runtime.constants import SOFT_CELL
from pspm_runtime.stages.soft_tiles import opaque_tiles, soft_cells, soft_tiles

from tests.runtime.pictures import around

MATTES = hnp.arrays(
    np.uint8,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40),
    elements=st.sampled_from([1, 128, 254, 255]),
    fill=st.sampled_from([0, 255]),
)
LENGTHS = st.integers(1, 200)


def painted(small: np.ndarray, width: int, height: int, margin: int) -> np.ndarray:
    """Number of tiles at each pixel of the photo."""
    counts = np.zeros((height, width), int)
    for left, top, right, bottom in soft_tiles(small, (width, height), margin):
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        counts[top:bottom, left:right] += 1
    return counts


def soft_or_jumping(small: np.ndarray) -> np.ndarray:
    soft = (small > 0) & (small < 255)
    soft[:, 1:] |= small[:, 1:] != small[:, :-1]
    soft[1:] |= small[1:] != small[:-1]
    return soft


def wholly_inside(length: int, small: int) -> list[tuple[int, int]]:
    """(pixel of the photo, pixel of the matte) for all pixels of the photo that lie in one pixel of the matte."""
    pairs = ((p, p * small // length) for p in range(length))
    return [(p, s) for p, s in pairs if (p + 1) * small <= (s + 1) * length]


@given(small=MATTES, width=LENGTHS, height=LENGTHS, margin=st.integers(0, SOFT_CELL))
def test_tiles_lie_in_the_photo_and_do_not_overlap(small: np.ndarray, width: int, height: int, margin: int) -> None:
    assert painted(small, width, height, margin).max() <= 1


@given(small=MATTES, width=LENGTHS, height=LENGTHS, margin=st.integers(0, SOFT_CELL))
def test_tiles_cover_every_soft_pixel_and_the_margin(small: np.ndarray, width: int, height: int, margin: int) -> None:
    counts = painted(small, width, height, margin)
    wanted = around(soft_or_jumping(small), margin)
    rows, columns = wholly_inside(height, small.shape[0]), wholly_inside(width, small.shape[1])
    for y, i in rows:
        for x, j in columns:
            assert counts[y, x] or not wanted[i, j]


@given(small=MATTES, width=LENGTHS, height=LENGTHS, margin=st.integers(0, SOFT_CELL))
def test_soft_and_opaque_tiles_cover_everything_but_what_is_transparent(
    small: np.ndarray, width: int, height: int, margin: int
) -> None:
    counts = painted(small, width, height, margin)
    for left, top, right, bottom in opaque_tiles(small, soft_cells(small, margin), (width, height)):
        counts[top:bottom, left:right] += 1
    assert counts.max(initial=0) <= 1
    for y, i in wholly_inside(height, small.shape[0]):
        for x, j in wholly_inside(width, small.shape[1]):
            assert counts[y, x] or small[i, j] == 0


@pytest.mark.parametrize("value", [0, 255])
def test_matte_without_soft_pixels_has_no_tiles(value: int) -> None:
    assert list(soft_tiles(np.full((40, 30), value, np.uint8), (300, 400), SOFT_CELL)) == []


def test_tiles_leave_out_what_is_far_from_soft() -> None:
    small = np.zeros((80, 80), np.uint8)
    small[40, 40] = 128

    counts = painted(small, 800, 800, 4)

    assert counts.any()
    assert not counts[:300].any()
    assert not counts[:, 500:].any()


def test_edge_without_a_soft_pixel_is_covered_on_both_sides() -> None:
    small = np.zeros((32, 32), np.uint8)
    small[:, 16:] = 255

    counts = painted(small, 64, 64, 2)

    assert counts[:, 28:36].all()
