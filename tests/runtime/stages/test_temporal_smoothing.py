import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pspm_runtime.stages.temporal_smoothing import LARGEST_GHOST, smooth

from tests.runtime.pictures import disc

MATTES = hnp.arrays(np.float32, (6, 8), elements=st.floats(0, 1, width=32))


@given(previous=MATTES, alpha=MATTES)
def test_nothing_leaves_a_ghost(previous: np.ndarray, alpha: np.ndarray) -> None:
    assert np.abs(smooth(alpha, previous) - alpha).max() <= LARGEST_GHOST + 1e-6


@given(previous=MATTES, alpha=MATTES)
def test_the_matte_shown_lies_between_the_last_and_the_new_one(previous: np.ndarray, alpha: np.ndarray) -> None:
    shown = smooth(alpha, previous)

    assert shown.dtype == np.float32
    assert (shown >= np.minimum(previous, alpha) - 1e-6).all()
    assert (shown <= np.maximum(previous, alpha) + 1e-6).all()


def test_flicker_becomes_less_than_half() -> None:
    rng, shown, kept = np.random.default_rng(0), None, []
    for _ in range(60):
        shown = smooth(np.clip(0.5 + rng.normal(0, 0.02, (40, 40)), 0, 1).astype(np.float32), shown)
        kept.append(shown)

    assert np.std(kept[10:], axis=0).mean() < 0.5 * 0.02
    assert np.mean(kept[10:]) == pytest.approx(0.5, abs=1e-3)


def test_a_matte_that_jumps_is_followed_at_once() -> None:
    here, there = disc(64, 48, share=0.3), np.roll(disc(64, 48, share=0.3), 30, axis=1)

    shown = smooth(there, here)

    assert np.abs(shown - there).max() <= LARGEST_GHOST + 1e-6
    assert np.array_equal(shown[(here == 1) & (there == 0)], there[(here == 1) & (there == 0)])


@pytest.mark.parametrize("previous", [None, np.zeros((8, 6), np.float32)])
def test_a_new_sequence_begins_with_the_matte_as_it_is(previous: np.ndarray | None) -> None:
    alpha = disc(8, 6)

    shown = smooth(alpha, previous)

    assert np.array_equal(shown, alpha)
    assert not np.shares_memory(shown, alpha)
