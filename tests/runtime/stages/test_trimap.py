"""Read trimaps, refuse wrong ones, and keep the known regions in the matte."""

from pathlib import Path
from typing import Any

import numpy as np
import pspm_runtime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pspm_runtime import Model, ModelError, PhotoError
from pspm_runtime.bundle import TRIMAP_MODEL
from pspm_runtime.command.cli import main
from pspm_runtime.files.photo import MAX_MEGAPIXELS
from pspm_runtime.stages.network_view import InputSize
from pspm_runtime.stages.trimap import fit_trimap, open_trimap

import pspm
from tests.runtime.fake_engine import FakeEngine, same_everywhere
from tests.runtime.pictures import assert_one_sentence, disc, encoded, gradient

WIDTH, HEIGHT = 60, 40
VALUES = st.sampled_from([0, 128, 255])


def drawn(width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """Foreground in the middle, unknown around it, background at the border."""
    soft = disc(width, height, softness=1, share=0.7)
    return np.where(soft > 0.9, 255, np.where(soft > 0.1, 128, 0)).astype(np.uint8)


def read(trimap: Any, size: tuple[int, int] = (WIDTH, HEIGHT)) -> np.ndarray:
    return np.asarray(open_trimap(trimap, size, MAX_MEGAPIXELS))


def test_a_trimap_is_read_in_every_form(tmp_path: Path) -> None:
    expected = drawn()
    image = Image.fromarray(expected)
    path = tmp_path / "trimap.png"
    image.save(path)
    for form in (
        expected,
        expected[..., None],
        np.stack([expected] * 3, 2),
        image,
        image.convert("RGB"),
        encoded(image),
        path,
        str(path),
    ):
        assert np.array_equal(read(form), expected)
    assert np.array_equal(read(image.convert("P")), expected)


def test_values_near_black_and_white_are_rounded() -> None:
    assert set(read(np.where(drawn() == 128, 127, drawn()).astype(np.uint8)).ravel()) == {0, 128, 255}
    assert (read(np.full((HEIGHT, WIDTH), 250, np.uint8)) == 255).all()
    assert np.array_equal(read(np.where(drawn() == 0, 5, drawn()).astype(np.uint8)), drawn())


def test_every_grey_between_is_unknown() -> None:
    """A trimap of five levels, and a soft one."""
    five = drawn()
    five[12:16, 12:40], five[24:28, 12:40] = 64, 192
    expected = drawn()
    expected[12:16, 12:40] = expected[24:28, 12:40] = 128
    assert np.array_equal(read(five), expected)
    soft = np.rint(disc(WIDTH, HEIGHT, softness=1, share=0.7) * 255).astype(np.uint8)
    assert np.array_equal(read(soft), np.where(soft <= 8, 0, np.where(soft >= 247, 255, 128)))


def test_every_kind_of_png_is_read(tmp_path: Path) -> None:
    wide = Image.fromarray(drawn().astype(np.uint16) * 257)
    assert np.array_equal(read(encoded(wide)), drawn())
    opaque = Image.merge("LA", (Image.fromarray(drawn()), Image.new("L", (WIDTH, HEIGHT), 255)))
    assert np.array_equal(read(encoded(opaque)), drawn())


def with_value(value: int) -> np.ndarray:
    trimap = drawn()
    trimap[3, 4] = value
    return trimap


@pytest.mark.parametrize(
    ("trimap", "parts"),
    [
        ((drawn() // 127).astype(np.uint8), ("values from 0 to 2", "unknown as 128")),
        ((drawn() // 255).astype(np.uint8), ("values from 0 to 1", "foreground as 255")),
        (np.full((HEIGHT, WIDTH), 128, np.uint8), ("unknown everywhere", "leave it out")),
        (with_value(1)[:30], ("60x30", "60x40", "at the photo's size")),
        (np.stack([drawn(), drawn(), 255 - drawn()], 2), ("has colours", "white")),
        (np.stack([drawn()] * 4, 2), ("transparent", "grey")),
        (drawn().astype(np.float32) / 255, ("float32", "uint8")),
        (b"nothing", ("not a picture",)),
        ("nowhere.png", ("nowhere.png", "does not exist")),
        (".", (". is a folder", "the picture of one trimap")),
    ],
)
def test_a_wrong_trimap_is_refused_in_one_sentence(trimap: Any, parts: tuple[str, ...]) -> None:
    with pytest.raises(PhotoError) as raised:
        read(trimap)
    assert_one_sentence(raised.value, *parts)


def test_a_file_is_named_in_the_answer(tmp_path: Path) -> None:
    path = tmp_path / "drawn.png"
    Image.new("L", (WIDTH, HEIGHT), 128).save(path)
    with pytest.raises(PhotoError, match=r"drawn\.png is unknown everywhere"):
        read(path)


@given(st.data())
def test_a_pixel_of_the_view_is_known_if_all_pixels_under_it_are(data: st.DataObject) -> None:
    seed, cell = data.draw(st.integers(0, 2**31)), data.draw(st.integers(1, 4))
    rng = np.random.default_rng(seed)
    coarse = rng.choice([0, 128, 255], (4, 6)).astype(np.uint8)
    trimap = np.kron(coarse, np.ones((cell, cell), np.uint8))
    trimap[rng.integers(4 * cell), rng.integers(6 * cell)] = data.draw(VALUES)
    small = fit_trimap(Image.fromarray(trimap), (6, 4))
    cells = trimap.reshape(4, cell, 6, cell).swapaxes(1, 2).reshape(4, 6, -1)
    expected = (cells == 255).all(2).astype(int) - (cells == 0).all(2).astype(int)
    assert np.array_equal(small, expected)


@pytest.fixture
def engine() -> FakeEngine:
    """The engine of a trimap-based network that answers 0.5 everywhere."""
    return FakeEngine(same_everywhere(0.5), takes_trimap=True)


@pytest.mark.parametrize(("width", "height"), [(WIDTH, HEIGHT), (900, 700)])
def test_a_matte_is_what_the_trimap_says_where_it_is_certain(engine: FakeEngine, width: int, height: int) -> None:
    trimap = drawn(width, height)
    alpha = Model(engine).predict_alpha(gradient(width, height), trimap=trimap)
    assert (alpha[trimap == 0] == 0).all()
    assert (alpha[trimap == 255] == 1).all()
    middle = np.median(alpha[trimap == 128])
    assert middle == pytest.approx(0.5, abs=0.01)
    ((view, known),) = engine.seen
    assert known is not None
    assert known.shape == view.shape[:2]
    assert set(np.unique(known)) == {-1, 0, 1}


def test_every_effect_takes_a_trimap(engine: FakeEngine) -> None:
    model, photo, trimap = Model(engine), gradient(WIDTH, HEIGHT), drawn()
    cut = model.cut_out(photo, trimap=trimap)
    assert np.array_equal(np.asarray(cut.getchannel("A")) == 0, trimap == 0)
    behind = np.asarray(model.replace_background(photo, "#20a0ff", trimap=trimap))
    assert (behind[trimap == 0] == (0x20, 0xA0, 0xFF)).all()
    assert model.blur_background(photo, 1, trimap=trimap).size == (WIDTH, HEIGHT)


def test_a_trimap_based_model_asks_for_a_trimap(engine: FakeEngine, fake_engine: FakeEngine) -> None:
    with pytest.raises(ModelError) as raised:
        Model(engine).predict_alpha(gradient(WIDTH, HEIGHT))
    assert_one_sentence(raised.value, "this model must be given a trimap", "--trimap")

    fake_engine.takes_trimap = True
    with pytest.raises(ModelError) as raised:
        Model("b5").predict_alpha(gradient(WIDTH, HEIGHT))
    assert_one_sentence(raised.value, "b5 must be given a trimap", "--trimap")


def test_a_model_that_takes_none_says_so(astronaut: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ModelError) as raised:
        pspm.predict_alpha(astronaut, trimap=drawn(), model="mobile")
    assert_one_sentence(raised.value, "mobile takes no trimap", "mobile-trimap")
    Image.fromarray(drawn()).save(tmp_path / "trimap.png")
    arguments = ["alpha", str(astronaut), "--trimap", str(tmp_path / "trimap.png"), "-o", str(tmp_path / "alpha.png")]
    assert main([*arguments, "--model", "mobile"]) == 1
    assert "takes no trimap" in capsys.readouterr().err
    assert not (tmp_path / "alpha.png").exists()


@pytest.mark.parametrize("enlarge_to", [0, 80])
def test_a_trimap_chooses_the_model(fake_engine: FakeEngine, tmp_path: Path, enlarge_to: int) -> None:
    fake_engine.takes_trimap, fake_engine.size = True, InputSize(64, 32, 64, overlap=16, enlarge_to=enlarge_to)
    photo, trimap = gradient(WIDTH, HEIGHT), drawn()
    alpha = pspm.predict_alpha(photo, trimap=trimap)
    assert (alpha[trimap != 128] * 255 == trimap[trimap != 128]).all()
    assert pspm_runtime.default_model(with_trimap=True).bundle.name == TRIMAP_MODEL
    assert np.array_equal(np.asarray(pspm.cut_out(photo, trimap=trimap).getchannel("A")), np.rint(alpha * 255))
    behind = np.asarray(pspm.replace_background(photo, "#20a0ff", trimap=trimap))
    assert (behind[trimap == 0] == (0x20, 0xA0, 0xFF)).all()
    assert pspm.blur_background(photo, 1, trimap=trimap).size == (WIDTH, HEIGHT)
    fine = pspm.predict_alpha(photo, trimap=trimap, alpha_bits=16)
    assert np.abs(fine - alpha).max() <= 0.51 / 255
    assert (fine[trimap != 128] * 255 == trimap[trimap != 128]).all()

    Image.fromarray(photo).save(tmp_path / "photo.png")
    Image.fromarray(trimap).save(tmp_path / "trimap.png")
    out = tmp_path / "alpha.png"
    assert main(["alpha", str(tmp_path / "photo.png"), "--trimap", str(tmp_path / "trimap.png"), "-o", str(out)]) == 0
    with Image.open(out) as written:
        assert np.array_equal(np.asarray(written), np.rint(alpha * 255))


def test_a_person_is_required_in_tiles_too(fake_engine: FakeEngine) -> None:
    fake_engine.takes_trimap, fake_engine.size = True, InputSize(64, 32, 64, overlap=16)
    fake_engine.answer = same_everywhere(0)
    trimap = np.zeros((HEIGHT, WIDTH), np.uint8)
    trimap[5:9, 5:9] = 128
    with pytest.raises(pspm.NoPersonError):
        pspm.predict_alpha(gradient(WIDTH, HEIGHT), trimap=trimap, require_person=True)
    assert not pspm.predict_alpha(gradient(WIDTH, HEIGHT), trimap=trimap).any()


def test_a_trimap_belongs_to_one_photo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alpha", str(tmp_path), "--trimap", "trimap.png", "-o", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err == (
        "pspm: trimap.png cannot be the trimap of several photos; process them one by one, each with its own --trimap\n"
    )
