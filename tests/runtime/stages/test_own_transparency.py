import numpy as np
import pytest
from PIL import Image, ImageChops
from pspm_runtime.stages.own_transparency import share_of_visible, within_transparency

from tests.runtime.pictures import disc, matte, noise

WIDTH, HEIGHT = 300, 400
CUT_OUT = matte(disc(WIDTH, HEIGHT))


def plain(level: int) -> Image.Image:
    return Image.new("L", (WIDTH, HEIGHT), level)


def levels(image: Image.Image) -> np.ndarray:
    return np.asarray(image).astype(int)


@pytest.mark.parametrize("softness", [0.02, 0.1, 0.3])
def test_cut_out_that_is_matted_again_keeps_its_alpha(softness: float) -> None:
    alpha = matte(disc(WIDTH, HEIGHT, softness))
    for found in (alpha, matte(disc(WIDTH, HEIGHT, softness, share=0.59)), matte(disc(WIDTH, HEIGHT, softness / 4))):
        assert np.abs(levels(within_transparency(found, alpha)) - levels(alpha)).max() <= 1


def test_opaque_photo_keeps_its_matte() -> None:
    assert within_transparency(CUT_OUT, plain(255)) is CUT_OUT


def test_photo_that_is_half_transparent_all_over_has_both() -> None:
    assert within_transparency(CUT_OUT, plain(128)) == ImageChops.multiply(CUT_OUT, plain(128))


def test_what_is_transparent_stays_so() -> None:
    found = levels(within_transparency(plain(255), CUT_OUT))

    assert np.array_equal(found == 0, levels(CUT_OUT) == 0)
    assert np.abs(found - levels(CUT_OUT)).max() <= 1


def test_object_in_a_cut_out_that_is_not_the_person_goes() -> None:
    person, other = (np.zeros((HEIGHT, WIDTH), np.uint8) for _ in range(2))
    person[40:160, 40:160], other[240:360, 140:260] = 255, 255

    found = levels(within_transparency(Image.fromarray(person), Image.fromarray(person | other)))

    assert found[other > 0].max() == 0
    assert np.array_equal(found[person > 0], levels(Image.fromarray(person))[person > 0])


def test_background_inside_a_mask_goes() -> None:
    """A photo that was cropped to a large ellipse still holds background, so its matte decides."""
    mask = matte(disc(WIDTH, HEIGHT, 0.02, share=0.95))

    assert within_transparency(CUT_OUT, mask) == ImageChops.multiply(CUT_OUT, mask)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 700), (700, 1), (5, 3)])
def test_sizes_at_the_edge(width: int, height: int) -> None:
    found, own = (Image.fromarray(noise(width, height, 1, seed)[..., 0]) for seed in (0, 1))

    result = within_transparency(found, own)

    assert result.size == share_of_visible(result, own).size == (width, height)
    assert (levels(result) <= levels(own)).all()


def test_share_of_an_opaque_photo_is_its_matte() -> None:
    assert share_of_visible(CUT_OUT, plain(255)) == CUT_OUT


def test_share_is_whole_where_the_transparency_is_the_matte() -> None:
    share = levels(share_of_visible(CUT_OUT, CUT_OUT))

    assert (share == np.where(levels(CUT_OUT) > 0, 255, 0)).all()


def test_share_times_transparency_is_the_matte() -> None:
    own = Image.fromarray(noise(WIDTH, HEIGHT, 1)[..., 0])
    alpha = ImageChops.multiply(CUT_OUT, own)

    again = levels(ImageChops.multiply(share_of_visible(alpha, own), own))

    assert np.abs(again - levels(alpha)).max() <= 1
