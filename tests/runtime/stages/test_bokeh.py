import numpy as np
import pytest
from PIL import Image
from pspm_runtime import Photo, PspmError
from pspm_runtime.constants import LARGEST_RADIUS
from pspm_runtime.stages.bokeh import blur_background, disc_blur

from tests.runtime.pictures import around, assert_one_sentence, composite, disc, gradient, matte, noise

WIDTH, HEIGHT = 300, 400
PROFILE = b"a colour profile"


def blurred(image: Image.Image, alpha: Image.Image, strength: float = 1) -> np.ndarray:
    result = blur_background(Photo(image), alpha, strength)
    assert result.mode == "RGB"
    assert result.size == image.size
    return np.asarray(result).astype(int)


def test_strength_zero_returns_the_photo() -> None:
    image = Image.fromarray(noise(WIDTH, HEIGHT))

    assert blur_background(Photo(image), matte(disc(WIDTH, HEIGHT)), 0) == image


def test_result_carries_the_colour_profile() -> None:
    photo = Photo(Image.fromarray(noise(WIDTH, HEIGHT)), None, PROFILE)

    for strength in (0, 1):
        assert blur_background(photo, matte(disc(WIDTH, HEIGHT)), strength).info["icc_profile"] == PROFILE


def test_photo_stays_as_it_was() -> None:
    image = Image.fromarray(noise(WIDTH, HEIGHT))
    before = image.copy()

    for strength in (0, 1):
        blur_background(Photo(image), matte(disc(WIDTH, HEIGHT)), strength).putpixel((0, 0), (1, 2, 3))

    assert image == before


@pytest.mark.parametrize("level", [0, 40, 128, 200, 240, 255])
@pytest.mark.parametrize("person", [(0, 0, 0), (255, 255, 255), (200, 30, 90)])
def test_even_background_stays_even_whatever_the_persons_colour(level: int, person: tuple[int, ...]) -> None:
    alpha = matte(disc(WIDTH, HEIGHT, softness=0.02))
    image = composite(np.array(person), np.array([level, level, level]), alpha)

    result = blurred(image, alpha)

    background_only = np.asarray(alpha) == 0
    assert np.abs(result[background_only] - level).max() <= 2


@pytest.mark.parametrize("softness", [0.001, 0.02, 0.1])
@pytest.mark.parametrize("strength", [0.3, 1])
def test_person_does_not_bleed_into_the_background(softness: float, strength: float) -> None:
    alpha = matte(disc(WIDTH, HEIGHT, softness=softness))
    behind = gradient(WIDTH, HEIGHT)

    red, blue = (
        blurred(composite(np.array(colour), behind, alpha), alpha, strength) for colour in ((255, 0, 0), (0, 40, 255))
    )

    background_only = np.asarray(alpha) == 0
    assert np.abs(red - blue)[background_only].max() <= 2


def test_persons_interior_is_the_photo_exactly() -> None:
    alpha = matte(disc(WIDTH, HEIGHT))
    image = Image.fromarray(noise(WIDTH, HEIGHT))

    result = blurred(image, alpha)

    person = ~around(np.asarray(alpha) < 255, 16)
    assert person.any()
    assert np.array_equal(result[person], np.asarray(image)[person])


def test_background_loses_its_detail() -> None:
    image = Image.fromarray(noise(WIDTH, HEIGHT))
    alpha = matte(disc(WIDTH, HEIGHT))

    background_only = np.asarray(alpha) == 0
    soft, softer = (blurred(image, alpha, strength)[background_only].std() for strength in (0.3, 1))

    assert softer < soft < 0.3 * np.asarray(image)[background_only].std()


@pytest.mark.parametrize(("side", "strength"), [(400, 0.5), (400, 1), (1000, 1)])
def test_highlight_becomes_a_round_disc_of_the_radius_asked_for(side: int, strength: float) -> None:
    image = Image.new("RGB", (side, side), (20, 20, 20))
    point = max(1, side // 200)
    image.paste((255, 255, 255), (side // 2 - point, side // 2 - point, side // 2 + point, side // 2 + point))

    result = blurred(image, Image.new("L", (side, side)), strength)[..., 1]

    radius = strength * LARGEST_RADIUS * side
    half_the_light = 20 + 0.75 * (result.max() - 20)
    bright = result > half_the_light
    y, x = np.nonzero(bright)
    assert np.sqrt(bright.sum() / np.pi) == pytest.approx(radius, rel=0.1, abs=1)
    assert np.ptp(x) == pytest.approx(np.ptp(y), abs=2)
    assert (x.mean(), y.mean()) == pytest.approx((side / 2 - 0.5, side / 2 - 0.5), abs=1)
    distance = np.hypot(x - x.mean(), y - y.mean())
    assert distance.max() < 1.2 * radius + 1
    assert result[~around(bright, 2 * point + 2)].max() <= 21


def test_highlight_blooms_more_than_a_dull_spot() -> None:
    def brightest(level: int) -> int:
        image = Image.new("RGB", (400, 400), (20, 20, 20))
        image.paste((level,) * 3, (198, 198, 202, 202))
        return int(blurred(image, Image.new("L", (400, 400)), 0.5).max())

    assert brightest(255) > brightest(190) + 30


def test_disc_of_a_single_point_of_light_keeps_its_energy_and_is_even() -> None:
    light, weight = np.zeros((3, 41, 41), np.float32), np.ones((1, 41, 41), np.float32)
    light[:, 20, 20] = 1

    result = disc_blur(light, weight, 6)[0]

    assert result.sum() == pytest.approx(1, abs=1e-3)
    assert np.allclose(result, result[::-1], atol=1e-6)
    assert np.allclose(result, result[:, ::-1], atol=1e-6)
    assert np.ptp(result[17:24, 17:24]) < 1e-6
    squares = (np.arange(41) - 20) ** 2
    assert result.sum(0) @ squares == pytest.approx(result.sum(1) @ squares, rel=0.05)


@pytest.mark.parametrize("strength", [0.1, 0.5, 1])
def test_unsure_matte_far_from_the_background_shows_neither_black_nor_a_seam(strength: float) -> None:
    # A soft matte but for a strip at the left, over a picture that gets darker downwards, as the fill should.
    alpha = np.full((HEIGHT, WIDTH), 0.5, np.float32)
    alpha[:, : WIDTH // 5] = 0
    image = np.repeat(np.linspace(220, 120, HEIGHT)[:, None, None], WIDTH, 1).repeat(3, 2).astype(np.uint8)

    result = blurred(Image.fromarray(image), matte(alpha), strength)

    assert 115 <= result.min() <= result.max() <= 225
    assert max(np.abs(np.diff(result, axis=axis)).max() for axis in (0, 1)) <= 3


@pytest.mark.parametrize("radius", [0.7, 4.5, 12])
def test_fill_changes_smoothly_where_the_disc_no_longer_reaches_the_background(radius: float) -> None:
    weight = np.zeros((1, 120, 90), np.float32)
    weight[:, :, :20] = 1
    light = np.tile(np.linspace(0, 1, 120, dtype=np.float32)[:, None], (3, 1, 90)) * weight

    result = disc_blur(light, weight, radius)

    assert np.abs(np.diff(result, axis=2)).max() < 0.05
    assert np.abs(np.diff(result, axis=1)).max() < 0.02
    assert np.all(np.diff(result.mean(2)) > 0)


def test_photo_without_background_shows_no_black_where_its_matte_is_soft() -> None:
    image = Image.new("RGB", (WIDTH, HEIGHT), (90, 140, 200))

    assert np.abs(blurred(image, Image.new("L", image.size, 128)) - np.asarray(image)).max() <= 1


def test_photo_of_a_person_alone_is_left_as_it_is() -> None:
    image = Image.fromarray(noise(200, 200))

    assert np.array_equal(blurred(image, Image.new("L", (200, 200), 255)), np.asarray(image))


@pytest.mark.parametrize("strength", [-0.01, 1.01, float("nan")])
def test_strength_out_of_range(strength: float) -> None:
    with pytest.raises(PspmError) as caught:
        blur_background(Photo(Image.new("RGB", (9, 9))), Image.new("L", (9, 9)), strength)
    assert_one_sentence(caught.value, f"{strength:g}", "choose one from 0 to 1")
