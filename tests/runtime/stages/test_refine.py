import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageFilter
from pspm_runtime.stages.refine import (
    EPSILON_OF_COLOURS,
    HAZE,
    colour_models,
    linear_models,
    refine,
    refine_to_16_bits,
    settle,
    to_8_bit,
)

from tests.runtime.pictures import around, composite, disc, matte, noise

UNIT = st.floats(0, 1, width=32)


def view_of(photo: Image.Image, width: int, height: int) -> Image.Image:
    return photo.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)


@given(value=UNIT, seed=st.integers(0, 99), width=st.integers(33, 150), height=st.integers(33, 150))
def test_constant_matte_stays_constant(value: float, seed: int, width: int, height: int) -> None:
    photo = Image.fromarray(noise(width, height, seed=seed))
    alpha = np.full((24, 32), value, np.float32)

    refined = np.asarray(refine(alpha, view_of(photo, 32, 24), photo)).astype(int)

    assert np.abs(refined - float(settle(np.float32(value))) * 255).max() <= 1


@pytest.mark.parametrize("value", [0, 1])
def test_empty_and_full_mattes_stay_so_exactly(value: int) -> None:
    photo = Image.fromarray(noise(200, 100))

    refined = refine(np.full((32, 64), value, np.float32), view_of(photo, 64, 32), photo)

    assert refined.getextrema() == (255 * value, 255 * value)


@given(
    alpha=hnp.arrays(np.float32, (16, 24), elements=UNIT),
    width=st.integers(1, 120),
    height=st.integers(1, 120),
    seed=st.integers(0, 99),
)
def test_result_is_a_matte_of_the_photos_size(alpha: np.ndarray, width: int, height: int, seed: int) -> None:
    photo = Image.fromarray(noise(width, height, seed=seed))

    refined = refine(alpha, view_of(photo, 24, 16), photo)

    assert refined.mode == "L"
    assert refined.size == (width, height)


def test_edge_lands_where_the_photo_has_it_and_not_where_interpolation_puts_it() -> None:
    true = disc(640, 512, softness=0.005)
    photo = composite(np.array([230, 190, 160]), np.array([30, 60, 40]), matte(true))
    view = view_of(photo, 160, 128)
    blurred = matte(true).resize((160, 128), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(1))
    small = np.asarray(blurred, np.float32) / 255

    refined = np.asarray(refine(small, view, photo)) / 255
    plain = np.asarray(Image.fromarray(to_8_bit(settle(small))).resize(photo.size, Image.Resampling.BILINEAR)) / 255

    assert np.abs(refined - true).mean() < 0.6 * np.abs(plain - true).mean()


def test_nothing_happens_far_from_the_edge() -> None:
    true = disc(640, 512, softness=0.05)
    texture = noise(640, 512)
    photo = Image.fromarray(texture)
    small = np.asarray(matte(true).resize((160, 128), Image.Resampling.BOX), np.float32) / 255

    refined = np.asarray(refine(small, view_of(photo, 160, 128), photo))

    far = ~around((true > 0) & (true < 1), 60)
    assert far.any()
    assert np.array_equal(refined[far], (true * 255).astype(np.uint8)[far])


def test_photo_no_larger_than_its_view_is_interpolated() -> None:
    photo = Image.fromarray(noise(32, 24))
    alpha = disc(64, 48)

    refined = refine(alpha, photo.resize((64, 48)), photo)

    assert refined == Image.fromarray(to_8_bit(settle(alpha))).resize((32, 24), Image.Resampling.BILINEAR)


@given(alpha=hnp.arrays(np.float32, st.integers(2, 50), elements=UNIT))
def test_settling_keeps_the_order(alpha: np.ndarray) -> None:
    settled = settle(np.sort(alpha))

    assert (np.diff(settled) >= 0).all()
    assert settled.min() >= 0
    assert settled.max() <= 1


def test_settling_takes_haze_to_the_ends_and_leaves_the_middle() -> None:
    haze = float(HAZE)

    settled = settle(np.array([0, haze, 0.5, 1 - haze, 1], np.float32))

    assert settled == pytest.approx([0, 0, 0.5, 1, 1], abs=1e-6)
    assert settled[0] == 0
    assert settled[-1] == 1


@given(value=UNIT)
def test_settling_moves_nothing_further_than_the_haze(value: float) -> None:
    assert abs(float(settle(np.float32(value))) - value) <= float(HAZE) + 1e-6


@given(value=st.floats(-2, 3, width=32))
def test_to_8_bit_rounds_and_clamps(value: float) -> None:
    assert abs(int(to_8_bit(np.float32(value))) - min(max(value, 0), 1) * 255) <= 0.5 + 1e-4


@given(guide=hnp.arrays(np.float32, (3, 5, 7), elements=UNIT), alpha=hnp.arrays(np.float32, (5, 7), elements=UNIT))
def test_slopes_of_colours_solve_the_equations_of_each_window(guide: np.ndarray, alpha: np.ndarray) -> None:
    solved = np.empty((3, 5, 7))
    for y, x in np.ndindex(5, 7):
        window = slice(max(y - 1, 0), y + 2), slice(max(x - 1, 0), x + 2)
        colours, values = guide[:, *window].reshape(3, -1).astype(float), alpha[window].ravel().astype(float)
        matrix = np.cov(colours, bias=True) + EPSILON_OF_COLOURS * np.eye(3)
        solved[:, y, x] = np.linalg.solve(matrix, (colours * (values - values.mean())).mean(1))
    expected = np.empty_like(solved)
    for y, x in np.ndindex(5, 7):
        expected[:, y, x] = solved[:, max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2].mean((1, 2))

    slopes, offset = colour_models(guide, alpha)

    assert np.abs(slopes - expected).max() < 0.01 * max(1, np.abs(expected).max())
    assert np.abs((slopes * guide).sum(0) + offset - alpha).max() < 1e-4 * max(1, np.abs(slopes).max())


def test_colours_of_a_grey_photo_are_worth_what_luma_is() -> None:
    """The three slopes share what luma's one is, and a third of the regularisation each."""
    grey = np.random.default_rng(0).random((40, 60), np.float32)
    alpha = disc(60, 40, softness=0.3)

    slopes, _ = colour_models(np.stack([grey] * 3), alpha)
    slope, _ = linear_models(grey, alpha)

    assert np.abs(slopes.sum(0) - slope).max() < 0.05 * np.abs(slope).max()


def test_colours_show_an_edge_that_luma_does_not() -> None:
    true = disc(640, 512, softness=0.005)
    red, green = np.array([200, 60, 60]), np.array([20, 148, 40])
    photo = composite(red, green, matte(true))
    assert np.ptp(np.asarray(photo.convert("L"))) <= 12
    view = view_of(photo, 160, 128)
    blurred = matte(true).resize((160, 128), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(1))
    small = np.asarray(blurred, np.float32) / 255

    by_luma, by_colours = (np.asarray(refine(small, view, photo, guide)) / 255 for guide in ("luma", "colours"))

    assert np.abs(by_colours - true).mean() < 0.6 * np.abs(by_luma - true).mean()


def test_refined_by_colours_in_16_bits() -> None:
    photo, alpha = Image.fromarray(noise(300, 200)), disc(60, 40, softness=0.3)
    view = view_of(photo, 60, 40)

    fine = refine_to_16_bits(alpha, view, photo, "colours")

    assert np.abs(fine / 257 - np.asarray(refine(alpha, view, photo, "colours"))).max() <= 1
