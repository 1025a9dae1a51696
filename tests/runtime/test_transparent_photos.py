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
    assert (views[0][0, 0] == 255).all()
    assert np.array_equal(views[0], views[1])
    assert np.array_equal(views[0], views[2])


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
