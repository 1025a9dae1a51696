"""The matte of a photo equals what the plain way computes: whole pictures, resized by Pillow, without tiles."""

import io

import numpy as np
import pytest
from PIL import Image
from pspm_runtime import load
from pspm_runtime.constants import EPSILON
from pspm_runtime.files.sample import synthetic_jpeg
from pspm_runtime.stages.refine import refine, settle, to_8_bit

from tests.runtime.pictures import disc, noise


def box_mean_3(x: np.ndarray) -> np.ndarray:
    padded, ones = np.pad(x, 1), np.pad(np.ones_like(x), 1)
    h, w = x.shape
    places = [(slice(i, i + h), slice(j, j + w)) for i in range(3) for j in range(3)]
    return sum(padded[place] for place in places) / sum(ones[place] for place in places)


def refine_plainly(alpha: np.ndarray, view: Image.Image, image: Image.Image) -> np.ndarray:
    """`refine` without tiles: models of the view in float64, interpolated to the photo and applied to its luma."""
    alpha = settle(alpha).astype(np.float64)
    guide = np.asarray(view.convert("L"), np.float64) / 255
    mean_guide, mean_alpha = box_mean_3(guide), box_mean_3(alpha)
    covariance = box_mean_3(guide * alpha) - mean_guide * mean_alpha
    slope = box_mean_3(covariance / (box_mean_3(guide**2) - mean_guide**2 + EPSILON))
    offset = alpha - slope * guide
    slope, offset = (
        np.asarray(Image.fromarray(x.astype(np.float32)).resize(image.size, Image.Resampling.BILINEAR))
        for x in (slope, offset)
    )
    return to_8_bit(slope * (np.asarray(image.convert("L"), np.float32) / 255) + offset)


def assert_almost_equal(matte: Image.Image, plain: np.ndarray) -> None:
    difference = np.abs(np.asarray(matte, np.int16) - plain)
    assert difference.max() <= 1
    assert difference.mean() <= 0.02


def test_matte_of_12_megapixels_is_that_of_the_plain_way() -> None:
    jpeg = synthetic_jpeg(12)
    model = load(threads=1, quality="fast")
    with Image.open(io.BytesIO(jpeg)) as image:
        view = image.resize(model.engine.size.fit(*image.size), Image.Resampling.BILINEAR, reducing_gap=2.0)
        plain = refine_plainly(model.engine.alpha(np.asarray(view)), view, image)

    matte = model.matte(model.open(jpeg))

    soft = (plain > 0) & (plain < 255)
    assert soft.mean() > 0.02
    assert_almost_equal(matte, plain)


@pytest.mark.parametrize("size", [(500, 64), (64, 500), (333, 251), (97, 1000)])
def test_matte_of_any_shape_is_that_of_the_plain_way(size: tuple[int, int]) -> None:
    photo = Image.fromarray(noise(*size))
    view = photo.resize((64, 64), Image.Resampling.BILINEAR, reducing_gap=2.0)
    alpha = disc(64, 64, softness=0.2)

    assert_almost_equal(refine(alpha, view, photo), refine_plainly(alpha, view, photo))


@pytest.mark.parametrize("size", [(500, 20), (20, 500)])
def test_photo_narrower_than_its_view_has_the_plain_matte_but_for_the_rims_of_tiles(size: tuple[int, int]) -> None:
    photo = Image.fromarray(noise(*size))
    view = photo.resize((64, 64), Image.Resampling.BILINEAR, reducing_gap=2.0)
    alpha = disc(64, 64, softness=0.2)

    difference = np.abs(np.asarray(refine(alpha, view, photo), np.int16) - refine_plainly(alpha, view, photo))

    assert difference.max() <= 4
    assert difference.mean() <= 0.02


@pytest.mark.parametrize("size", [(5000, 1), (1, 5000)])
def test_line_through_a_disc_is_opaque_in_its_middle(size: tuple[int, int]) -> None:
    photo = Image.fromarray(noise(*size))
    view = photo.resize((64, 64), Image.Resampling.BILINEAR, reducing_gap=2.0)

    matte = refine(disc(64, 64), view, photo)

    assert matte.getpixel((size[0] // 2, size[1] // 2)) == 255
    assert matte.getpixel((0, 0)) == 0
