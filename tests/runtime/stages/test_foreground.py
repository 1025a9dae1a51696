import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter
from pspm_runtime.stages.foreground import estimate_foreground

from tests.runtime.pictures import around, composite, gradient, noise

SKIN = np.array([225, 170, 130])


def hair(width: int, height: int) -> Image.Image:
    """A matte with a solid head and thin soft strands all around it."""
    image = Image.new("L", (width, height))
    draw = ImageDraw.Draw(image)
    x, y, radius = width / 2, height / 2, min(width, height) / 5
    generator = np.random.default_rng(1)
    for angle in generator.uniform(0, 2 * np.pi, 150):
        reach = radius * generator.uniform(1.2, 1.8)
        draw.line((x, y, x + reach * np.cos(angle), y + reach * np.sin(angle)), fill=255, width=2)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return image.filter(ImageFilter.GaussianBlur(1))


def true_colours(width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    shade = np.linspace(0.8, 1, width)[None, :, None]
    foreground = np.broadcast_to(SKIN * shade, (height, width, 3))
    background = gradient(width, height)[..., ::-1] * np.array([0.3, 1, 0.6])
    return foreground, background


@pytest.mark.parametrize(("width", "height"), [(400, 300), (900, 700)])
def test_colours_of_hair_are_found_behind_the_old_background(width: int, height: int) -> None:
    foreground, background = true_colours(width, height)
    alpha = hair(width, height)
    photo = composite(foreground, background, alpha)

    found = np.asarray(estimate_foreground(photo, alpha), float)

    opacity = np.asarray(alpha) / 255
    soft = (opacity > 0.1) & (opacity < 0.95)
    error = np.abs(found - foreground)[soft].mean()
    assert error < 0.5 * np.abs(np.asarray(photo, float) - foreground)[soft].mean()


def test_colours_that_change_along_the_hair_are_followed() -> None:
    width, height = 600, 450
    wave = np.sin(np.linspace(0, 12 * np.pi, width))[None, :, None] * 60
    foreground = np.broadcast_to(np.array([150, 120, 100]) + wave, (height, width, 3))
    alpha = hair(width, height)
    photo = composite(foreground, np.array([20, 220, 60]), alpha)

    found = np.asarray(estimate_foreground(photo, alpha), float)

    opacity = np.asarray(alpha) / 255
    faint = (opacity > 0.2) & (opacity < 0.6)
    error = np.abs(found - foreground)[faint].mean()
    assert error < 0.5 * np.abs(np.asarray(photo, float) - foreground)[faint].mean()


def test_solid_parts_are_the_photo_itself() -> None:
    alpha = hair(400, 400)
    photo = Image.fromarray(noise(400, 400))

    found = np.asarray(estimate_foreground(photo, alpha))

    opacity = np.asarray(alpha)
    solid = ~around(opacity < 255, 16)
    assert solid.any()
    assert np.array_equal(found[solid], np.asarray(photo)[solid])


def test_opaque_pixels_near_the_edge_keep_their_colour() -> None:
    alpha = hair(400, 400)
    photo = Image.fromarray(gradient(400, 400))

    found = np.asarray(estimate_foreground(photo, alpha)).astype(int)

    opaque = np.asarray(alpha) == 255
    assert np.abs(found - np.asarray(photo))[opaque].max() <= 1


@given(width=st.integers(1, 60), height=st.integers(1, 60), seed=st.integers(0, 20))
def test_estimate_is_rgb_of_the_photos_size_for_any_matte(width: int, height: int, seed: int) -> None:
    photo = Image.fromarray(noise(width, height, seed=seed))
    alpha = Image.fromarray(noise(width, height, 1, seed + 1)[..., 0])

    found = estimate_foreground(photo, alpha)

    assert found.mode == "RGB"
    assert found.size == photo.size


@pytest.mark.parametrize("value", [0, 255])
def test_matte_without_an_edge_gives_the_photo(value: int) -> None:
    photo = Image.fromarray(noise(90, 70))

    assert estimate_foreground(photo, Image.new("L", (90, 70), value)) == photo


def test_photo_and_matte_stay_as_they_were() -> None:
    photo, alpha = Image.fromarray(noise(80, 80)), hair(80, 80)
    before = photo.copy(), alpha.copy()

    estimate_foreground(photo, alpha)

    assert (photo, alpha) == before


def test_equal_colours_in_front_and_behind_stay_equal() -> None:
    alpha = hair(200, 200)

    found = np.asarray(estimate_foreground(Image.new("RGB", (200, 200), (90, 140, 60)), alpha)).astype(int)

    assert np.abs(found - [90, 140, 60])[np.asarray(alpha) > 0].max() <= 1


def test_a_coarse_grid_is_almost_as_good_where_the_matte_is_soft() -> None:
    down, across = np.mgrid[:360, :640]
    alpha = np.clip(0.5 - (np.hypot(across - 300, down - 200) - 120) / 30, 0, 1)
    person, wall = np.array([200.0, 80, 40]), np.stack([across / 3, down / 2, 0 * down + 90], -1)
    image = Image.fromarray((alpha[..., None] * person + (1 - alpha[..., None]) * wall).astype(np.uint8))
    matte = Image.fromarray(np.rint(alpha * 255).astype(np.uint8))

    def error(grid: int) -> float:
        colours = np.asarray(estimate_foreground(image, matte, grid), float)
        return float((np.abs(colours - person) * alpha[..., None]).mean())

    assert error(192) < 1.3 * error(512) + 0.05
    assert error(192) < 0.5 * float((np.abs(np.asarray(image, float) - person) * alpha[..., None]).mean())
