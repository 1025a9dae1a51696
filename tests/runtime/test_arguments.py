"""Odd values for the arguments of the public functions: right, or one sentence that names the argument."""

import array
import decimal
import fractions
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pspm_runtime import Model, Photo, PhotoError, PspmError, open_photo
from pspm_runtime.arguments import type_name

import pspm
from tests.runtime.fake_engine import FakeEngine
from tests.runtime.pictures import assert_one_sentence, encoded, gradient, noise

PHOTO = noise(30, 20)
HUGE = 10**5000


class Unprintable:
    def __repr__(self) -> str:
        raise ValueError("no text")


class PathOf:
    """An object whose __fspath__ answers or raises what it was given."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def __fspath__(self) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class PathSubclass(type(Path())):  # type: ignore[misc]
    pass


class NamelessFile(io.BytesIO):
    @property
    def name(self) -> str:
        raise OSError("no name")


def released() -> memoryview:
    view = memoryview(b"data")
    view.release()
    return view


NO_NUMBERS = (
    None,
    True,
    np.bool_(True),
    "0.5",
    b"2",
    "x" * 10_000,
    1j,
    np.complex64(1),
    decimal.Decimal("0.5"),
    fractions.Fraction(1, 2),
    np.array(1),
    np.array([1, 2]),
    np.array([]),
    [1],
    (1,),
    {},
    len,
    int,
    np.datetime64("2020"),
    Unprintable(),
)
OUT_OF_RANGE = (float("nan"), np.float64("nan"), float("-inf"), -1, -HUGE)

Call = Callable[[Model, Any], Any]
NUMBERS: dict[str, tuple[Call, tuple[Any, ...], str]] = {
    "strength": (lambda m, x: m.blur_background(PHOTO, x), (*OUT_OF_RANGE, float("inf"), HUGE, 2.5), "strength"),
    "strength of pspm": (lambda m, x: pspm.blur_background(PHOTO, x), (*OUT_OF_RANGE, HUGE), "strength"),
    "threads": (lambda m, x: pspm.load("b5", threads=x), (*OUT_OF_RANGE, HUGE, 0, 2.0, float("inf")), "threads"),
    "max_megapixels": (lambda m, x: pspm.load("b5", max_megapixels=x), (*OUT_OF_RANGE, 0), "max_megapixels"),
    "max_megapixels of Model": (lambda m, x: Model(m.engine, None, x), (*OUT_OF_RANGE, 0), "max_megapixels"),
    "max_megapixels of frames": (lambda m, x: pspm.frames(PHOTO, x), (*OUT_OF_RANGE, 0), "max_megapixels"),
    "alpha_bits": (lambda m, x: m.predict_alpha(PHOTO, alpha_bits=x), (*OUT_OF_RANGE, HUGE, 0, 9, 8.0), "alpha"),
    "alpha_bits of cut_out": (lambda m, x: m.cut_out(PHOTO, alpha_bits=x), (*OUT_OF_RANGE, HUGE, 0, 9, 8.0), "alpha"),
    "max_megapixels of open_photo": (lambda m, x: open_photo(PHOTO, x), (*OUT_OF_RANGE, 0), "max_megapixels"),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_what_is_no_number_in_range(name: str, fake_model: Model) -> None:
    call, out_of_range, called = NUMBERS[name]
    for value in (*NO_NUMBERS, *out_of_range):
        if name == "threads" and value is None:
            continue
        with pytest.raises(PspmError) as caught:
            call(fake_model, value)
        assert_one_sentence(caught.value, called)
        assert len(str(caught.value)) < 200


def test_numbers_of_numpy_are_numbers(fake_model: Model) -> None:
    half = fake_model.blur_background(PHOTO, 0.5)
    for value in (np.float32(0.5), np.float64(0.5), np.float16(0.5)):
        assert fake_model.blur_background(PHOTO, value) == half  # type: ignore[arg-type]
    assert pspm.load("b5", threads=np.int64(2), max_megapixels=np.int16(3)).max_megapixels == 3  # type: ignore[arg-type]
    for unlimited in (float("inf"), HUGE):
        assert open_photo(PHOTO, unlimited).image.size == (30, 20)


@pytest.mark.parametrize("name", ["load", "Model", "predict_alpha", "cut_out", "replace_background", "blur_background"])
def test_what_is_no_quality(name: str, fake_model: Model) -> None:
    call: Callable[[Any], Any] = {
        "load": lambda x: pspm.load("b5", quality=x),
        "Model": lambda x: Model(fake_model.engine, quality=x),
        "predict_alpha": lambda x: pspm.predict_alpha(PHOTO, quality=x),
        "cut_out": lambda x: pspm.cut_out(PHOTO, quality=x),
        "replace_background": lambda x: pspm.replace_background(PHOTO, "#000000", quality=x),
        "blur_background": lambda x: pspm.blur_background(PHOTO, quality=x),
    }[name]
    for value in (*NO_NUMBERS, "", "Fast", "good", 1):
        with pytest.raises(PspmError) as caught:
            call(value)
        assert_one_sentence(caught.value, "quality", "fast, balanced or best")


def test_flags(fake_model: Model) -> None:
    calls: tuple[Callable[[Any], Any], ...] = (
        lambda x: fake_model.predict_alpha(PHOTO, require_person=x),
        lambda x: fake_model.cut_out(PHOTO, require_person=x),
        lambda x: fake_model.replace_background(PHOTO, "white", require_person=x),
        lambda x: fake_model.blur_background(PHOTO, require_person=x),
        lambda x: fake_model.matte(PHOTO, require_person=x),
        lambda x: pspm.predict_alpha(PHOTO, require_person=x),
        lambda x: pspm.cut_out(PHOTO, require_person=x),
    )
    for call in calls:
        for value in (None, "no", "", 0, 1, np.array([True, False]), np.array([]), Unprintable()):
            with pytest.raises(PspmError) as caught:
                call(value)
            assert_one_sentence(caught.value, "require_person", "True or False")
    assert fake_model.predict_alpha(PHOTO, require_person=np.True_).max() == 1  # type: ignore[arg-type]


NO_PICTURES: dict[str, Any] = {
    "None": None,
    "a number": 5,
    "a large number": HUGE,
    "a dict": {},
    "a set": {1, 2, 3},
    "a generator": (byte for byte in b"a"),
    "a class": Image.Image,
    "a function": len,
    "an object": Unprintable(),
    "an array of the standard library": array.array("B", b"abc"),
    "a scalar": np.uint8(3),
    "a path that is a number": PathOf(5),
    "a path that raises": PathOf(RuntimeError("no path")),
    "bytes": b"no picture",
    "no bytes": b"",
    "a view of every second byte": memoryview(b"no picture")[::2],
    "a released view": released(),
    "a file whose name raises": NamelessFile(b"no picture"),
    "one number": np.array(5),
    "grey": PHOTO[None, None, ..., 0],
    "two channels": PHOTO[..., :2],
    "five channels": np.zeros((4, 4, 5), np.uint8),
    "channels first": PHOTO.transpose(2, 0, 1),
    "a batch": PHOTO[None],
    "no rows": np.zeros((0, 5, 3), np.uint8),
    "no columns": np.zeros((5, 0, 3), np.uint8),
    "no channels": np.zeros((5, 5, 0), np.uint8),
    "float from 0 to 1": PHOTO / 255,
    "float from 0 to 255": PHOTO.astype(np.float32),
    "NaN": np.full((4, 4, 3), np.nan),
    "infinity": np.full((4, 4, 3), np.inf),
    "int64": PHOTO.astype(int),
    "int8": PHOTO.astype(np.int8),
    "uint16": PHOTO.astype(np.uint16),
    "bool": PHOTO > 100,
    "objects": PHOTO.astype(object),
    "text": PHOTO.astype("S3"),
    "complex": PHOTO.astype(complex),
    "dates": np.zeros((4, 4, 3), "datetime64[s]"),
    "fields": np.zeros((4, 4, 3), [("a", "u1")]),
    "masked": np.ma.masked_array(PHOTO, PHOTO > 100),
    "an image without pixels": Image.new("RGB", (0, 0)),
    "floating-point image": Image.new("F", (4, 4)),
    "an image with a wrong palette entry": Image.new("P", (4, 4)),
}
NO_PICTURES["an image with a wrong palette entry"].info["transparency"] = "x"
ROLES: dict[str, Call] = {
    "photo": lambda m, x: m.predict_alpha(x),
    "photo with frames": lambda m, x: list(pspm.frames(x)),
    "background": lambda m, x: m.replace_background(PHOTO, x),
    "trimap": lambda m, x: Model(FakeEngine(takes_trimap=True)).predict_alpha(PHOTO, trimap=x),
}


@pytest.mark.parametrize("kind", NO_PICTURES)
@pytest.mark.parametrize("role", ROLES)
def test_what_is_no_picture(role: str, kind: str, fake_model: Model) -> None:
    with pytest.raises(PspmError) as caught:
        ROLES[role](fake_model, NO_PICTURES[kind])
    assert_one_sentence(caught.value, role.partition(" ")[0])


@pytest.mark.parametrize("value", [None, 5, "photo.jpg", PHOTO[0]], ids=str)
def test_methods_that_take_an_opened_photo_open_others(fake_model: Model, value: Any) -> None:
    for call in (fake_model.open, fake_model.matte, fake_model.network_view, fake_model.cut_out):
        with pytest.raises(PhotoError):
            call(value)
    assert fake_model.matte(PHOTO) == fake_model.matte(open_photo(PHOTO))


def test_arrays_of_any_layout_are_the_same_picture() -> None:
    expected = open_photo(PHOTO).image
    frozen = PHOTO.copy()
    frozen.setflags(write=False)
    wide = np.zeros((40, 90, 3), np.uint8)
    wide[::2, ::3] = PHOTO
    for same in (np.asfortranarray(PHOTO), frozen, wide[::2, ::3], PHOTO[::-1, ::-1].copy()[::-1, ::-1]):
        assert open_photo(same).image == expected
    assert np.asarray(open_photo(PHOTO[..., ::-1]).image).tolist() == PHOTO[..., ::-1].tolist()
    assert open_photo(np.broadcast_to(np.uint8(7), (9, 8, 3))).image.getcolors() == [(72, (7, 7, 7))]


def test_data_of_any_kind_is_the_same_picture(tmp_path: Path) -> None:
    data = encoded(Image.fromarray(PHOTO))
    spread = bytearray(2 * len(data))
    spread[::2] = data
    (tmp_path / "a.png").write_bytes(data)
    for same in (
        bytearray(data),
        memoryview(data),
        memoryview(spread)[::2],
        memoryview(array.array("B", data)),
        NamelessFile(data),
        PathOf(os.fsencode(tmp_path / "a.png")),
        PathSubclass(tmp_path / "a.png"),
        np.str_(tmp_path / "a.png"),
    ):
        assert np.array_equal(open_photo(same).image, PHOTO)


def test_an_image_that_is_read_later_survives_its_file(tmp_path: Path) -> None:
    Image.fromarray(PHOTO).save(tmp_path / "a.png")
    image = Image.open(tmp_path / "a.png")
    (tmp_path / "a.png").unlink()

    assert np.array_equal(open_photo(image).image, PHOTO)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "La", "PA", "RGBX", "RGBa", "CMYK", "YCbCr", "LAB", "HSV", "I"])
def test_images_of_any_mode_are_photos(mode: str, fake_model: Model) -> None:
    assert fake_model.cut_out(Image.new(mode, (9, 7))).size == (9, 7)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Photo(None),  # type: ignore[arg-type]
        lambda: Photo(PHOTO),  # type: ignore[arg-type]
        lambda: Photo(Image.new("L", (4, 4))),
        lambda: Photo(Image.new("RGB", (0, 4))),
        lambda: Photo(Image.new("RGB", (4, 4)), Image.new("L", (5, 5))),
        lambda: Photo(Image.new("RGB", (4, 4)), Image.new("1", (4, 4))),
        lambda: Photo(Image.new("RGB", (4, 4)), None, "sRGB"),  # type: ignore[arg-type]
        lambda: Photo(Image.new("RGB", (4, 4)), None, bytearray(b"profile")),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_photo_is_refused_at_once(make: Callable[[], Photo]) -> None:
    with pytest.raises(PhotoError) as caught:
        make()
    assert_one_sentence(caught.value, "Photo")


@pytest.mark.parametrize(
    "value",
    [
        None,
        5,
        [],
        {},
        "",
        "a\0b",
        "~nobody/x",
        "x" * 300,
        "x/" * 4000,
        PHOTO,
        PathOf(5),
        PathOf(b"/nowhere"),
        FakeEngine,
    ],
    ids=type_name,
)
def test_what_is_no_model(value: Any) -> None:
    calls: list[Callable[[Any], Any]] = [pspm.load, Model]
    if value is not None:  # None lets `predict_alpha` choose
        calls.append(lambda model: pspm.predict_alpha(PHOTO, model=model))
    for call in calls:
        with pytest.raises(PspmError) as caught:
            call(value)
        assert_one_sentence(caught.value, "model")


@pytest.mark.parametrize(
    "value",
    [
        *[(1, 2), (1, 2, 3, 4), (-1, 0, 0), (256, 0, 0), (1.0, 1.0, 1.0), (True, False, True), ("a", "b", "c")],
        *[(None,) * 3, (HUGE, 0, 0), [[0] * 1000] * 1000, np.array([0.1, 0.2, 0.3]), "#ffff", "#12345", "#xyz"],
        "#\u0661\u0661\u0661",
    ],
    ids=type_name,
)
def test_what_is_no_colour(value: Any, fake_model: Model) -> None:
    with pytest.raises(PspmError) as caught:
        fake_model.replace_background(PHOTO, value)
    assert_one_sentence(caught.value, "is not a colour")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "value",
    [
        *[(102, 51, 153), [102, 51, 153], np.array([102, 51, 153]), np.array([102, 51, 153], np.uint8)],
        *["rebeccapurple", "RebeccaPurple", "#639", "#663399", np.str_("#663399")],
    ],
    ids=str,
)
def test_colours(value: Any) -> None:
    empty = Model(FakeEngine(lambda width, height: np.zeros((height, width), np.float32)))
    assert empty.replace_background(PHOTO, value).getcolors() == [(600, (102, 51, 153))]


def test_a_name_with_line_breaks_and_escapes_stays_on_one_line() -> None:
    with pytest.raises(PhotoError) as caught:
        open_photo("a\n\x1b[31m\udcff.jpg")
    assert_one_sentence(caught.value, r"a\n\x1b[31m\udcff.jpg does not exist")


def test_a_long_name_leaves_room_for_the_remedy() -> None:
    with pytest.raises(PhotoError) as caught:
        open_photo("x/" * 3000)
    assert len(str(caught.value)) < 1010
    assert str(caught.value).endswith("File name too long")


def test_tensors_and_data_frames_are_named() -> None:
    torch = pytest.importorskip("torch")
    for value in (torch.zeros(4, 4, 3, dtype=torch.uint8), torch.rand(3, 4, 4)):
        with pytest.raises(PhotoError, match=r"a photo cannot be of type torch\.Tensor; pass a path"):
            open_photo(value)


def test_gradient_is_left_as_it_was() -> None:
    photo = gradient(20, 10)
    before = photo.copy()
    open_photo(photo)
    assert np.array_equal(photo, before)
