from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pspm_runtime import Model, ModelError, NoPersonError, PhotoError, PspmError, open_photo

import pspm
from tests.runtime.fake_engine import FakeEngine, same_everywhere
from tests.runtime.pictures import assert_one_sentence, disc, encoded, gradient, noise

FACE = slice(80, 150), slice(190, 260)
TOP_RIGHT = slice(0, 40), slice(-40, None)


def test_matte_of_a_portrait_holds_the_face_and_leaves_the_background(astronaut_alpha: np.ndarray) -> None:
    assert astronaut_alpha[FACE].mean() > 0.9
    assert astronaut_alpha[TOP_RIGHT].mean() < 0.1
    assert 0.2 < astronaut_alpha.mean() < 0.8


def test_matte_is_float32_of_the_photos_size_in_steps_of_8_bits(astronaut: Path, astronaut_alpha: np.ndarray) -> None:
    with Image.open(astronaut) as image:
        assert astronaut_alpha.shape == (image.height, image.width)
    assert astronaut_alpha.dtype == np.float32
    assert astronaut_alpha.min() >= 0
    assert astronaut_alpha.max() <= 1
    steps = astronaut_alpha * 255
    assert np.abs(steps - np.round(steps)).max() < 1e-4


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 5000), (5000, 1)])
def test_extreme_photos_get_a_matte_of_their_shape(model: Model, width: int, height: int) -> None:
    alpha = model.predict_alpha(gradient(width, height))

    assert alpha.shape == (height, width)
    assert np.isfinite(alpha).all()


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 5000), (5000, 1), (3, 2), (700, 2)])
def test_extreme_photos_go_through_every_effect(fake_model: Model, width: int, height: int) -> None:
    photo = gradient(width, height)

    for result, mode in (
        (fake_model.cut_out(photo), "RGBA"),
        (fake_model.replace_background(photo, "#20a0ff"), "RGB"),
        (fake_model.replace_background(photo, noise(7, 3)), "RGB"),
        (fake_model.blur_background(photo, 1), "RGB"),
    ):
        assert result.size == (width, height)
        assert result.mode == mode


def test_eight_threads_see_what_one_sees(model: Model, astronaut: Path) -> None:
    with Image.open(astronaut) as image:
        face = image.crop((0, 100, image.width, 132)).convert("RGB")
    alone = model.predict_alpha(face)

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(model.predict_alpha, [face] * 8))

    assert alone.max() > 0
    for alpha in together:
        assert np.allclose(alpha, alone, atol=1.01 / 255)


def test_photo_opened_once_serves_several_calls(fake_model: Model) -> None:
    array = gradient(60, 80)
    photo = fake_model.open(array)

    assert np.array_equal(fake_model.predict_alpha(photo), fake_model.predict_alpha(array))
    assert fake_model.cut_out(photo) == fake_model.cut_out(array)
    assert np.array_equal(np.asarray(photo.image), array)


def test_effects_leave_an_array_as_it_was(fake_model: Model) -> None:
    array = gradient(60, 80)
    before = array.copy()

    fake_model.cut_out(array)
    fake_model.replace_background(array, "#ff0000")
    fake_model.blur_background(array, 1)

    assert np.array_equal(array, before)


def test_transparent_parts_are_shown_to_the_network_on_white(fake_model: Model) -> None:
    array = np.zeros((64, 64, 4), np.uint8)
    array[:, 32:, 3] = 255

    view = np.asarray(fake_model.network_view(open_photo(array)))

    assert view[:, : view.shape[1] // 4].min() == 255
    assert view[:, -view.shape[1] // 4 :].max() == 0


def test_require_person_refuses_an_empty_matte() -> None:
    fake_model = Model(FakeEngine(same_everywhere(0)))
    photo = gradient(40, 40)

    for call in (fake_model.predict_alpha, fake_model.cut_out, fake_model.blur_background):
        with pytest.raises(NoPersonError) as caught:
            call(photo, require_person=True)
        assert_one_sentence(caught.value, "no person", "choose another")
    assert fake_model.predict_alpha(photo).max() == 0


def test_require_person_accepts_one(fake_model: Model) -> None:
    assert fake_model.predict_alpha(gradient(40, 40), require_person=True).max() == 1


def test_limit_on_megapixels_of_a_model(fake_engine: FakeEngine) -> None:
    photo = noise(50, 40)
    with pytest.raises(PhotoError, match="megapixels"):
        pspm.load("b5", max_megapixels=0.001).predict_alpha(photo)
    assert pspm.load("b5", max_megapixels=0.002).predict_alpha(photo).shape == (40, 50)


def test_limit_on_megapixels_holds_for_backgrounds(fake_engine: FakeEngine) -> None:
    with pytest.raises(PhotoError, match="megapixels"):
        pspm.load("b5", max_megapixels=0.001).replace_background(noise(20, 20), noise(50, 40))


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan"), float("inf")])
def test_strength_out_of_range(fake_model: Model, strength: float) -> None:
    with pytest.raises(PspmError) as caught:
        fake_model.blur_background(gradient(40, 40), strength)
    assert_one_sentence(caught.value, f"{strength:g}", "from 0 to 1")


def test_missing_background(fake_model: Model) -> None:
    with pytest.raises(PhotoError) as caught:
        fake_model.replace_background(gradient(40, 40), "beach.jpg")
    assert_one_sentence(caught.value, "beach.jpg", "does not exist")


def test_functions_of_the_package_use_the_default_model(fake_engine: FakeEngine) -> None:
    photo = encoded(Image.fromarray(gradient(120, 160)))

    assert np.abs(pspm.predict_alpha(photo) - disc(120, 160)).max() < 0.1
    assert pspm.cut_out(photo).mode == "RGBA"
    assert pspm.replace_background(photo, "#102030").getpixel((0, 0)) == (16, 32, 48)
    assert pspm.blur_background(photo, 0).size == (120, 160)
    assert len(fake_engine.seen) == 4


@pytest.mark.parametrize("threads", [0, -1])
def test_impossible_number_of_threads(threads: int) -> None:
    with pytest.raises(ModelError) as caught:
        pspm.load("b5", threads=threads)
    assert_one_sentence(caught.value, str(threads), "give 1 or more")
