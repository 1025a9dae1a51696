import io
import struct
import sys
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, features
from pspm_runtime import Model, Photo, PhotoError, open_photo
from pspm_runtime.colour.cicp import cicp_profile
from pspm_runtime.colour.profiles import ADOBE_RGB, to_srgb

from tests.runtime.colour import made_profiles as profiles
from tests.runtime.fake_engine import FakeEngine, same_everywhere
from tests.runtime.pictures import assert_one_sentence, encoded, gradient, noise, png

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


class Pipe(io.RawIOBase):
    """A file object that can be read once, as a socket or a pipe."""

    def __init__(self, data: bytes) -> None:
        self.stream = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def readinto(self, buffer: Any) -> int:
        return self.stream.readinto(buffer)


class OnlyRead:
    def __init__(self, data: bytes) -> None:
        self.read = io.BytesIO(data).read


def pixels(photo: Photo) -> np.ndarray:
    """RGB, with the photo's own alpha as a fourth channel where it has one."""
    image = np.asarray(photo.image)
    return image if photo.transparency is None else np.dstack([image, np.asarray(photo.transparency)])


def opened(image: Image.Image, kind: str = "PNG", **options: Any) -> np.ndarray:
    return pixels(open_photo(encoded(image, kind, **options)))


SOURCES: dict[str, Callable[[Path, np.ndarray], Any]] = {
    "path": lambda path, _: path,
    "string": lambda path, _: str(path),
    "bytes": lambda path, _: path.read_bytes(),
    "bytearray": lambda path, _: bytearray(path.read_bytes()),
    "memoryview": lambda path, _: memoryview(path.read_bytes()),
    "file object": lambda path, _: path.open("rb"),
    "buffer": lambda path, _: io.BytesIO(path.read_bytes()),
    "not seekable": lambda path, _: Pipe(path.read_bytes()),
    "read alone": lambda path, _: OnlyRead(path.read_bytes()),
    "PIL image": lambda path, _: Image.open(path),
    "PIL image in memory": lambda _, array: Image.fromarray(array),
    "array": lambda _, array: array,
    "array that is not contiguous": lambda _, array: array[::-1].copy()[::-1],
}


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("source", SOURCES)
def test_every_kind_of_input_gives_the_same_photo(tmp_path: Path, source: str, channels: int) -> None:
    array = noise(13, 7, channels)
    path = tmp_path / "photo.png"
    Image.fromarray(array).save(path)

    photo = SOURCES[source](path, array)

    assert np.array_equal(pixels(open_photo(photo)), array)
    if hasattr(photo, "close"):
        photo.close()


def test_buffer_just_written_is_read_from_its_start() -> None:
    array = noise(5, 4)
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG")

    assert np.array_equal(pixels(open_photo(buffer)), array)


def test_photo_opened_before_is_taken_as_it_is() -> None:
    photo = open_photo(noise(5, 4))

    assert open_photo(photo) is photo


def test_input_image_and_array_stay_as_they_were() -> None:
    array = noise(5, 4, 4)
    image = Image.fromarray(array).convert("P")
    before = image.copy()

    open_photo(array)
    open_photo(image)

    assert np.array_equal(array, noise(5, 4, 4))
    assert image.mode == "P"
    assert image == before


STORED: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.swapaxes(0, 1),
    6: lambda upright: upright[:, ::-1].swapaxes(0, 1),
    7: lambda upright: upright[::-1, ::-1].swapaxes(0, 1),
    8: lambda upright: upright[::-1].swapaxes(0, 1),
}


def stored(upright: np.ndarray, orientation: int) -> tuple[Image.Image, Image.Exif]:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return Image.fromarray(np.ascontiguousarray(STORED[orientation](upright))), exif


@pytest.mark.parametrize("orientation", STORED)
def test_exif_orientation_of_a_jpeg_comes_out_upright(orientation: int) -> None:
    upright = gradient(48, 32)
    image, exif = stored(upright, orientation)

    photo = opened(image, "JPEG", exif=exif, quality=100, subsampling=0)

    assert photo.shape == upright.shape
    assert np.abs(photo.astype(int) - upright).max() <= 4


@pytest.mark.parametrize("orientation", STORED)
def test_exif_orientation_turns_the_transparency_along(orientation: int) -> None:
    upright = noise(9, 6, 4)
    image, exif = stored(upright, orientation)

    assert np.array_equal(opened(image, exif=exif), upright)


def test_broken_exif_does_not_cost_the_photo() -> None:
    data = encoded(Image.fromarray(gradient(16, 16)), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert open_photo(data).image.size == (16, 16)


def test_colour_profile_of_rgb_is_kept() -> None:
    data = encoded(Image.fromarray(noise(8, 8)), "JPEG", icc_profile=SRGB)

    assert open_photo(data).icc_profile == SRGB


def test_photo_without_profile_has_none() -> None:
    assert open_photo(encoded(Image.fromarray(noise(8, 8)), "JPEG")).icc_profile is None


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_profile_that_does_not_describe_rgb_is_not_handed_on(mode: str) -> None:
    photo = open_photo(encoded(Image.fromarray(gradient(8, 8)).convert(mode), "TIFF", icc_profile=SRGB))

    assert photo.image.mode == "RGB"
    assert photo.icc_profile is None


def test_rgb_stays_in_its_space_and_says_which() -> None:
    array = noise(8, 8)

    by_exif = open_photo(encoded(Image.fromarray(array), "PNG", exif=profiles.dcf_exif(65535, "R03")))
    by_profile = open_photo(encoded(Image.fromarray(array), "PNG", icc_profile=profiles.LUT))

    for photo, profile in ((by_exif, ADOBE_RGB), (by_profile, profiles.LUT)):
        assert np.array_equal(pixels(photo), array)
        assert photo.icc_profile == profile


def test_gain_map_behind_a_jpeg_is_left_out() -> None:
    image, gains = Image.fromarray(gradient(32, 24)), Image.fromarray(noise(16, 12))
    with_gains = encoded(image, "MPO", save_all=True, append_images=[gains], icc_profile=profiles.DISPLAY_P3)

    photo = open_photo(with_gains)

    assert np.array_equal(pixels(photo), opened(image, "JPEG"))
    assert photo.icc_profile == profiles.DISPLAY_P3


def test_code_points_of_a_pil_image_that_is_not_loaded_yet(tmp_path: Path) -> None:
    data = encoded(Image.fromarray(noise(8, 8)))
    chunk = b"cICP" + bytes([12, 13, 0, 1])
    path = tmp_path / "p3.png"
    path.write_bytes(data[:33] + struct.pack(">I", 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[33:])

    with Image.open(path) as image:
        photo = open_photo(image)

    assert np.array_equal(pixels(photo), noise(8, 8))
    assert photo.icc_profile == open_photo(path).icc_profile == cicp_profile(12, 13)


def test_space_that_no_colour_can_be_converted_into_becomes_srgb() -> None:
    image = Image.fromarray(gradient(64, 72))

    photo = open_photo(encoded(image, "TIFF", icc_profile=profiles.SCANNER))

    assert photo.icc_profile is None
    assert photo.image == to_srgb(image, profiles.SCANNER)
    assert photo.image != image


@pytest.mark.parametrize("mode", ["L", "LA", "CMYK"])
def test_other_modes_become_srgb_by_their_profile(mode: str) -> None:
    image = Image.fromarray(gradient(64, 72)).convert(mode)
    profile = profiles.CMYK if mode == "CMYK" else profiles.GREY

    photo = open_photo(encoded(image, "TIFF", icc_profile=profile))

    assert photo.icc_profile is None
    assert photo.image == to_srgb(image, profile)
    assert photo.image != image.convert("RGB")
    assert (photo.transparency is not None) == (mode == "LA")


def test_grey_becomes_three_equal_channels() -> None:
    grey = noise(6, 5, 1)

    assert np.array_equal(opened(Image.fromarray(grey[..., 0])), np.repeat(grey, 3, 2))


def test_grey_with_alpha_keeps_both() -> None:
    array = noise(6, 5, 2)

    assert np.array_equal(opened(Image.fromarray(array, "LA")), array[..., [0, 0, 0, 1]])


def test_palette_gives_its_colours() -> None:
    colours = np.array([[[255, 0, 0], [0, 128, 255], [7, 8, 9]]], np.uint8)

    assert np.array_equal(opened(Image.fromarray(colours).quantize(4)), colours)


def palette_image() -> Image.Image:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putpixel((1, 0), 1)
    return image


def test_palette_with_one_transparent_entry() -> None:
    photo = opened(palette_image(), transparency=1)

    assert photo[0, 0].tolist() == [10, 20, 30, 255]
    assert photo[0, 1].tolist() == [200, 100, 50, 0]


def test_palette_with_a_transparency_for_each_entry() -> None:
    photo = opened(palette_image(), transparency=bytes([255, 77]))

    assert photo[..., 3].tolist() == [[255, 77]]


def test_rgb_with_a_transparent_colour_keeps_its_transparency() -> None:
    array = np.array([[[1, 2, 3], [200, 100, 50]]], np.uint8)

    photo = opened(Image.fromarray(array), transparency=(200, 100, 50))

    assert photo.shape[2] == 4
    assert photo[..., 3].tolist() == [[255, 0]]


def test_palette_with_alpha_in_memory_keeps_it() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([1, 2, 3, 0, 4, 5, 6, 128], "RGBA")
    image.putpixel((1, 0), 1)

    assert pixels(open_photo(image)).tolist() == [[[1, 2, 3, 0], [4, 5, 6, 128]]]


def test_quantized_picture_with_alpha_keeps_it() -> None:
    image = Image.fromarray(noise(8, 8, 4)).quantize(16, method=Image.Quantize.FASTOCTREE)

    assert np.array_equal(pixels(open_photo(image)), np.asarray(image.convert("RGBA")))


@pytest.mark.parametrize("mode", ["La", "RGBa", "PA", "LA"])
def test_modes_with_alpha_in_memory(mode: str) -> None:
    image = Image.new("RGBA", (2, 1), (100, 100, 100, 128))
    image = {"La": image.convert("LA").convert("La"), "PA": image.convert("RGB").convert("P").convert("PA")}.get(
        mode, image.convert(mode) if mode not in ("La", "PA") else image
    )

    photo = pixels(open_photo(image))

    assert photo.shape == (1, 2, 4)
    assert np.abs(photo[0, 0, :3].astype(int) - 100).max() <= 2
    assert photo[0, 0, 3] == (255 if mode == "PA" else 128)


@pytest.mark.parametrize(
    ("depth", "colour_type", "rows", "key"),
    [
        (16, 2, struct.pack(">6H", 0x1234, 0x5678, 0x9ABC, 65535, 0, 300), struct.pack(">3H", 0x1234, 0x5678, 0x9ABC)),
        (16, 0, struct.pack(">2H", 1000, 40000), struct.pack(">H", 1000)),
        (8, 0, bytes([7, 200]), struct.pack(">H", 7)),
        (4, 0, bytes([0x3C]), struct.pack(">H", 3)),
        (2, 0, bytes([0b01110000]), struct.pack(">H", 1)),
        (1, 0, bytes([0b01000000]), struct.pack(">H", 0)),
    ],
)
def test_transparent_colour_of_a_png_of_any_depth(depth: int, colour_type: int, rows: bytes, key: bytes) -> None:
    data = png(2, 1, depth, colour_type, rows)
    chunk = struct.pack(">I", len(key)) + b"tRNS" + key + struct.pack(">I", zlib.crc32(b"tRNS" + key))

    photo = pixels(open_photo(data[:33] + chunk + data[33:]))

    assert photo[0, :, 3].tolist() == [0, 255]


def test_bilevel_becomes_black_and_white() -> None:
    bits = np.array([[True, False, True]])

    assert opened(Image.fromarray(bits))[0, :, 0].tolist() == [255, 0, 255]


def test_cmyk_becomes_rgb() -> None:
    image = Image.fromarray(np.array([[[0, 0, 0, 0], [0, 255, 255, 0], [0, 0, 0, 255]]], np.uint8), "CMYK")

    assert opened(image, "TIFF").tolist() == [[[255, 255, 255], [255, 0, 0], [0, 0, 0]]]


def test_ycbcr_image_becomes_rgb() -> None:
    rgb = gradient(8, 8)

    photo = pixels(open_photo(Image.fromarray(rgb).convert("YCbCr")))

    assert np.abs(photo.astype(int) - rgb).max() <= 3


def test_lab_becomes_rgb() -> None:
    white_and_black = Image.fromarray(np.array([[[255, 0, 0], [0, 0, 0]]], np.uint8), "LAB")

    photo = opened(white_and_black, "TIFF")

    assert photo[0, 0].min() > 250
    assert photo[0, 1].max() < 5


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_grey_is_scaled_and_not_clipped(kind: str) -> None:
    wide = np.array([[0, 255, 257, 32768, 65535]], np.uint16)

    levels = opened(Image.fromarray(wide), kind)[0, :, 0].astype(int)

    assert levels[0] == 0
    assert levels[-1] == 255
    assert np.abs(levels - wide[0] / 257).max() <= 1


def test_dark_16_bit_grey_stays_dark() -> None:
    levels = opened(Image.fromarray(np.full((2, 2), 200, np.uint16)))

    assert levels.max() <= 1


def test_16_bit_colour_is_scaled() -> None:
    rows = np.array([[[0, 32768, 65535]]], ">u2").tobytes()

    photo = pixels(open_photo(png(1, 1, 16, 2, rows)))

    assert np.abs(photo[0, 0].astype(int) - [0, 128, 255]).max() <= 1


def test_32_bit_integer_image_of_16_bit_values_is_scaled() -> None:
    image = Image.fromarray(np.array([[0, 32768, 65535]], np.int32))

    assert np.abs(pixels(open_photo(image))[0, :, 0].astype(int) - [0, 128, 255]).max() <= 1


def test_animation_gives_its_first_frame() -> None:
    first, second = Image.new("RGB", (4, 4), "#ff0000"), Image.new("RGB", (4, 4), "#0000ff")
    data = encoded(first, "GIF", save_all=True, append_images=[second])

    assert pixels(open_photo(data))[0, 0, :3].tolist() == [255, 0, 0]


def test_own_alpha_is_multiplied_into_the_matte() -> None:
    array = noise(40, 30, 4)

    alpha = Model(FakeEngine(same_everywhere(1))).predict_alpha(array)

    assert np.array_equal(alpha, array[..., 3].astype(np.float32) / 255)


def test_own_alpha_adds_nothing_without_a_person() -> None:
    assert Model(FakeEngine(same_everywhere(0))).predict_alpha(noise(40, 30, 4)).max() == 0


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(PhotoError) as caught:
        open_photo(tmp_path / "nowhere.jpg")
    assert_one_sentence(caught.value, "nowhere.jpg", "does not exist", "check the path")


def test_name_too_long_for_any_file() -> None:
    with pytest.raises(PhotoError) as caught:
        open_photo("x" * 5000 + ".jpg")
    assert_one_sentence(caught.value, "xxx.jpg")


def test_folder(tmp_path: Path) -> None:
    with pytest.raises(PhotoError) as caught:
        open_photo(tmp_path)
    assert_one_sentence(caught.value, str(tmp_path), "is a folder", "pspm command")


def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(PhotoError) as caught:
        open_photo(tmp_path / "empty.jpg")
    assert_one_sentence(caught.value, "empty.jpg", "is empty", "choose another")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_truncated_file(tmp_path: Path, kind: str, share: float) -> None:
    data = encoded(Image.fromarray(noise(64, 64)), kind)
    (tmp_path / "cut.img").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(PhotoError) as caught:
        open_photo(tmp_path / "cut.img")
    assert_one_sentence(caught.value, "cut.img")


def test_truncated_jpeg_says_so_and_what_to_do() -> None:
    data = encoded(Image.fromarray(noise(64, 64)), "JPEG")
    with pytest.raises(PhotoError) as caught:
        open_photo(data[: len(data) // 2])
    assert_one_sentence(caught.value, "the bytes given", "cut short", "choose another copy")


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF decoder")
def test_damaged_avif() -> None:
    data = encoded(Image.fromarray(gradient(64, 48)), "AVIF")
    pixels_at = data.index(b"mdat") + 4
    with pytest.raises(PhotoError) as caught:
        open_photo(data[:pixels_at] + bytes(len(data) - pixels_at))
    assert_one_sentence(caught.value, "the bytes given", "damaged", "choose another copy")


def test_text_file_named_as_a_photo(tmp_path: Path) -> None:
    (tmp_path / "notes.jpg").write_text("these are only my notes, and no photo at all")
    with pytest.raises(PhotoError) as caught:
        open_photo(tmp_path / "notes.jpg")
    assert_one_sentence(caught.value, "notes.jpg", "not a picture", "convert it")


@pytest.mark.parametrize("brand", [b"heic", b"mif1"])
def test_heic_without_a_decoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, brand: bytes) -> None:
    for module in ("pillow_heif", "pillow_heif.as_plugin"):
        monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic" + bytes(64))
    with pytest.raises(PhotoError) as caught:
        open_photo(tmp_path / "IMG_1.HEIC")
    assert_one_sentence(caught.value, "IMG_1.HEIC", "HEIC", "pip install pillow-heif")


@pytest.mark.parametrize(
    ("array", "parts"),
    [
        (np.zeros((0, 5, 3), np.uint8), ("5 x 0", "choose another")),
        (np.zeros((5, 0, 4), np.uint8), ("0 x 5", "choose another")),
        (np.full((4, 4, 3), np.nan, np.float32), ("float32", "NaN", "uint8")),
        (np.zeros((4, 4, 3)), ("float64", "uint8")),
        (np.zeros((4, 4, 3), np.uint16), ("uint16", "uint8")),
        (np.zeros((4, 4), np.uint8), ("(4, 4)", "(height, width, 3)")),
        (np.zeros((4, 4, 2), np.uint8), ("(4, 4, 2)", "(height, width, 3)")),
        (np.zeros((2, 4, 4, 3), np.uint8), ("(2, 4, 4, 3)", "(height, width, 3)")),
        (np.array(None), ("shape ()", "(height, width, 3)")),
    ],
    ids=lambda value: str(value.shape) if isinstance(value, np.ndarray) else "",
)
def test_arrays_that_are_not_photos(array: np.ndarray, parts: tuple[str, ...]) -> None:
    with pytest.raises(PhotoError) as caught:
        open_photo(array)
    assert_one_sentence(caught.value, *parts)


@pytest.mark.parametrize("value", [7, None, 0.5, [1, 2, 3]])
def test_wrong_type(value: Any) -> None:
    with pytest.raises(PhotoError) as caught:
        open_photo(value)
    assert_one_sentence(caught.value, type(value).__name__, "pass a path")


def test_floating_point_image() -> None:
    with pytest.raises(PhotoError) as caught:
        open_photo(Image.new("F", (4, 4)))
    assert_one_sentence(caught.value, "the PIL image", "save it with 8 or 16 bits")


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_file_opened_as_text(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(Image.fromarray(noise(8, 8)), "JPEG"))
    with path.open(encoding=encoding) as stream, pytest.raises(PhotoError) as caught:
        open_photo(stream)
    assert_one_sentence(caught.value, "photo.jpg", "binary mode")


def test_text_in_memory() -> None:
    with pytest.raises(PhotoError) as caught:
        open_photo(io.StringIO("a photo, perhaps"))
    assert_one_sentence(caught.value, "binary mode")


def test_decompression_bomb_is_refused_by_its_header() -> None:
    bomb = png(20_000, 15_000, 1, 0, b"")
    with pytest.raises(PhotoError) as caught:
        open_photo(bomb)
    assert_one_sentence(caught.value, "300 megapixels", "200", "--max-megapixels")


def test_limit_on_megapixels_can_be_lowered_and_raised() -> None:
    array = noise(50, 40)
    for photo in (array, Image.fromarray(array), encoded(Image.fromarray(array))):
        with pytest.raises(PhotoError, match="max_megapixels"):
            open_photo(photo, max_megapixels=0.001)
        assert open_photo(photo, max_megapixels=0.002).image.size == (50, 40)


def test_our_limit_replaces_that_of_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        photo = open_photo(encoded(Image.fromarray(noise(50, 40))))
    assert photo.image.size == (50, 40)
    assert Image.MAX_IMAGE_PIXELS == 100


FILES = [
    encoded(Image.fromarray(gradient(24, 16)), "JPEG"),
    encoded(Image.fromarray(gradient(24, 16)), "JPEG", progressive=True, icc_profile=SRGB),
    encoded(Image.fromarray(noise(24, 16, 4)), "PNG"),
    encoded(Image.fromarray(gradient(24, 16)).quantize(16), "GIF"),
    encoded(Image.fromarray(gradient(24, 16)), "TIFF", compression="tiff_lzw"),
    encoded(Image.fromarray(gradient(24, 16)), "BMP"),
    encoded(Image.fromarray(gradient(24, 16)), "WEBP"),
]


@settings(max_examples=300)
@given(data=st.data(), file=st.sampled_from(range(len(FILES))))
def test_damaged_file_is_read_or_refused_in_one_sentence(data: st.DataObject, file: int) -> None:
    damaged = bytearray(FILES[file])
    places = st.integers(0, len(damaged) - 1)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=6)):
        damaged[place] = value
    damaged = damaged[: data.draw(st.one_of(st.just(len(damaged)), places))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            photo = open_photo(bytes(damaged), max_megapixels=1)
        except PhotoError as error:
            assert "\n" not in str(error)
        else:
            assert photo.image.mode == "RGB"
