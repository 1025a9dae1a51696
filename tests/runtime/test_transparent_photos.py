"""What is hidden under alpha 0 never shows, and a cut-out of a person is its own matte."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pspm_runtime import Model, Photo, open_photo

from tests.runtime.fake_engine import FakeEngine
from tests.runtime.pictures import disc, gradient, matte, noise

WIDTH, HEIGHT = 300, 400
ALPHA = matte(disc(WIDTH, HEIGHT))
MAGENTA, WHITE = (255, 0, 255), (255, 255, 255)


def with_secret(colours: Image.Image, alpha: Image.Image, secret: tuple[int, int, int]) -> Image.Image:
    """RGBA of colours and alpha, with another colour under alpha 0."""
    image = colours.convert("RGB").copy()
    image.paste(secret, mask=alpha.point([255] + 255 * [0]))
    image.putalpha(alpha)
    return image


def test_network_sees_white_where_the_photo_is_transparent(fake_model: Model, fake_engine: FakeEngine) -> None:
    person = Image.fromarray(gradient(WIDTH, HEIGHT))
    for secret in (MAGENTA, WHITE, (0, 0, 0)):
        fake_model.predict_alpha(with_secret(person, ALPHA, secret))

    views = [view for view, _ in fake_engine.seen]
    assert len(views) == 6
    for first, second, third in (views[::2], views[1::2]):
        assert (first[0, 0] == 255).all()
        assert np.array_equal(first, second)
        assert np.array_equal(first, third)


def test_matte_does_not_depend_on_hidden_colours(model: Model, astronaut: Path) -> None:
    cut = model.cut_out(astronaut)

    mattes = [model.predict_alpha(with_secret(cut, cut.getchannel("A"), secret)) for secret in (MAGENTA, (0, 0, 0))]

    assert np.array_equal(*mattes)


def test_cut_out_that_is_matted_again_keeps_its_alpha(model: Model, astronaut: Path) -> None:
    cut = model.cut_out(astronaut)
    before = np.asarray(cut.getchannel("A")).astype(int)

    after = (model.predict_alpha(cut) * 255).round().astype(int)

    soft = (before > 0) & (before < 255)
    assert soft.sum() > 1000
    assert np.abs(after - before)[soft].mean() < 1
    assert (np.abs(after - before) > 16).mean() < 0.005


@pytest.mark.parametrize("mode", ["RGBA", "P", "PA", "RGBa"])
def test_hidden_colours_of_any_mode_are_not_in_the_view(fake_model: Model, fake_engine: FakeEngine, mode: str) -> None:
    image = Image.new("RGBA", (64, 64), (*MAGENTA, 0))
    image.paste((10, 200, 30, 255), (16, 16, 48, 48))
    if mode == "P":
        image = image.quantize(4, method=Image.Quantize.FASTOCTREE)
    elif mode == "PA":
        palette = image.convert("RGB").quantize(4).convert("PA")
        palette.putalpha(image.getchannel("A"))
        image = palette
    else:
        image = image.convert(mode)

    fake_model.predict_alpha(image)

    view = fake_engine.seen[0][0].astype(int)
    assert (view[0, 0] == 255).all()
    assert (view[..., 1] >= np.minimum(view[..., 0], view[..., 2]) - 40).all()  # nothing leans to magenta


def test_photo_over_white_and_without_hidden_colours() -> None:
    opaque = Photo(Image.fromarray(noise(5, 4)))
    assert opaque.over_white() is opaque.image
    assert opaque.without_hidden() is opaque

    photo = open_photo(np.array([[[255, 0, 255, 0], [0, 0, 0, 128], [9, 8, 7, 255]]], np.uint8))
    assert np.asarray(photo.over_white()).tolist() == [[[255, 255, 255], [127, 127, 127], [9, 8, 7]]]
    assert np.asarray(photo.without_hidden().image).tolist() == [[[255, 255, 255], [0, 0, 0], [9, 8, 7]]]
    assert np.asarray(photo.image)[0, 0].tolist() == list(MAGENTA)


def leans_to_magenta(image: Image.Image) -> int:
    """The number of pixels whose green is far below their red and blue."""
    red, green, blue = np.moveaxis(np.asarray(image.convert("RGB")).astype(int), -1, 0)
    return int((np.minimum(red, blue) - green > 60).sum())


GREEN = Image.new("RGB", (WIDTH, HEIGHT), (60, 180, 60))


@pytest.mark.parametrize("secret", [MAGENTA, (0, 0, 0)])
def test_no_effect_shows_what_is_hidden(fake_model: Model, secret: tuple[int, int, int]) -> None:
    hard = matte(disc(WIDTH, HEIGHT, 0.01))
    photo = with_secret(GREEN, hard, secret)
    clean = with_secret(GREEN, hard, WHITE)

    for strength in (0, 0.3, 1):
        blurred = fake_model.blur_background(photo, strength)
        assert blurred.mode == "RGB"
        assert blurred == fake_model.blur_background(clean, strength)
        assert leans_to_magenta(blurred) == 0
        assert (np.asarray(blurred)[:5] == 255).all()
    for behind in ("#ffffff", "#3cb43c"):
        assert fake_model.replace_background(photo, behind) == fake_model.replace_background(clean, behind)
        assert leans_to_magenta(fake_model.replace_background(photo, behind)) == 0
    assert fake_model.cut_out(photo) == fake_model.cut_out(clean)


def test_transparent_picture_as_a_background_is_over_white(fake_model: Model) -> None:
    nobody = np.zeros((HEIGHT, WIDTH, 3), np.uint8)

    result = fake_model.replace_background(nobody, with_secret(GREEN, ALPHA, MAGENTA))

    assert result.getpixel((0, 0)) == WHITE
    assert leans_to_magenta(result) == 0


def test_blur_of_a_cut_out_has_its_person_over_white(model: Model, astronaut: Path) -> None:
    cut = model.cut_out(astronaut)
    white = Image.new("RGBA", cut.size, "white")
    white.alpha_composite(cut)

    blurred = np.asarray(model.blur_background(cut, 0.5)).astype(int)

    hidden, person = (np.asarray(cut.getchannel("A")) == level for level in (0, 255))
    assert np.abs(blurred - np.asarray(white.convert("RGB")))[person].mean() < 1
    assert blurred[hidden].mean() > 245


def test_cut_out_that_is_cut_out_again_keeps_its_colours(model: Model, astronaut: Path) -> None:
    cut = np.asarray(model.cut_out(astronaut)).astype(int)

    again = np.asarray(model.cut_out(cut.astype(np.uint8))).astype(int)

    kept = (again[..., 3] == cut[..., 3]) & (cut[..., 3] > 0)
    soft = (cut[..., 3] > 12) & (cut[..., 3] < 243)
    assert kept.mean() > 0.9 * (cut[..., 3] > 0).mean()
    assert np.abs(again - cut)[kept].max() <= 1
    assert np.abs(again - cut)[soft].mean() < 1


def test_cut_out_over_white_is_what_a_viewer_shows_over_white(model: Model, astronaut: Path) -> None:
    cut = model.cut_out(astronaut)
    white = Image.new("RGBA", cut.size, "white")
    white.alpha_composite(cut)

    difference = np.abs(
        np.asarray(model.replace_background(cut, "#ffffff")).astype(int) - np.asarray(white.convert("RGB"))
    )

    assert difference.mean() < 0.1
    assert (difference > 8).mean() < 0.002
