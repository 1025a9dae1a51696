"""JPEG XL in and out, with pylibjxl."""

import base64
import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image
from pspm_runtime import OutputError, PhotoError, open_photo
from pspm_runtime.command.cli import main
from pspm_runtime.files.encoding.encode import check_output, encode
from pspm_runtime.files.jpeg_xl import encode_jpeg_xl

from tests.runtime.colour import made_profiles as profiles
from tests.runtime.fake_engine import FakeEngine
from tests.runtime.pictures import assert_one_sentence, encoded, gradient, noise

try:
    import pylibjxl
except ImportError:
    pylibjxl = None
with_jxl = pytest.mark.skipif(pylibjxl is None, reason="needs the extra jxl (pylibjxl)")

# Three frames of 5 x 4 pixels, by libjxl's own encoder.
ANIMATION = base64.b85decode(
    "{|Xo|K@$Lo2?zuM08ju+7>gCcNkZiT#0UTY5dZ+@0{{RB1OWg@081E)6~akD9>4(rfc^jg000081O)&{081E)6~akD9zX;Dfc^jg0000"
)


@with_jxl
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_quality_100_gives_every_pixel_back(mode: str) -> None:
    image = Image.fromarray(noise(40, 30, 4)).convert(mode)

    photo = open_photo(encode_jpeg_xl(image, 100))

    assert np.array_equal(np.asarray(photo.image), np.asarray(image.convert("RGB")))
    assert (photo.transparency is not None) == (mode == "RGBA")
    if photo.transparency is not None:
        assert photo.transparency == image.getchannel("A")


@with_jxl
def test_lower_quality_makes_smaller_files_that_look_alike() -> None:
    image = Image.fromarray(noise(64, 64))
    sizes = [len(encode_jpeg_xl(image, quality)) for quality in (1, 29, 60, 92, 100)]
    smooth = open_photo(encode_jpeg_xl(Image.fromarray(gradient(64, 48)), 92))

    assert sizes == sorted(set(sizes))
    assert np.abs(np.asarray(smooth.image).astype(int) - gradient(64, 48)).mean() < 1


@with_jxl
@pytest.mark.parametrize("profile", [None, profiles.ADOBE, profiles.DISPLAY_P3, profiles.LUT])
def test_the_colour_profile_is_kept(profile: bytes | None) -> None:
    image = Image.fromarray(gradient(24, 16))
    if profile:
        image.info["icc_profile"] = profile

    photo = open_photo(encode(image, ".jxl"))

    assert photo.icc_profile == profile
    assert np.abs(np.asarray(photo.image).astype(int) - gradient(24, 16)).mean() < 3


@with_jxl
def test_orientation_is_the_decoders_alone() -> None:
    """JPEG XL has its own orientation, and that in EXIF does not count."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6

    photo = open_photo(encode_jpeg_xl(Image.fromarray(gradient(24, 16)), 100, exif.tobytes()))

    assert np.array_equal(np.asarray(photo.image), gradient(24, 16))


@with_jxl
def test_a_jpeg_inside_is_read() -> None:
    data = encoded(Image.fromarray(gradient(64, 48)), "JPEG", quality=95)

    photo = open_photo(pylibjxl.jpeg_to_jxl(data))

    assert np.abs(np.asarray(photo.image).astype(int) - np.asarray(Image.open(io.BytesIO(data)))).max() <= 4


@with_jxl
def test_limits_hold_from_the_header_on(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode_jpeg_xl(Image.new("RGB", (500, 400)), 92)
    monkeypatch.setattr(pylibjxl, "decode", lambda *_, **__: pytest.fail("was decoded"))
    with pytest.raises(PhotoError) as caught:
        open_photo(data, max_megapixels=0.1)
    assert_one_sentence(caught.value, "0.2 megapixels", "--max-megapixels")


@with_jxl
@pytest.mark.parametrize("share", [0.05, 0.5, 0.8])
def test_a_file_that_was_cut_short_is_refused(share: float) -> None:
    data = encode_jpeg_xl(Image.fromarray(noise(64, 64)), 92)
    with pytest.raises(PhotoError) as caught:
        open_photo(data[: int(share * len(data))])
    assert_one_sentence(caught.value, "the bytes given", "choose another copy")


@with_jxl
def test_an_animation_is_refused() -> None:
    """pylibjxl would give the last frame."""
    with pytest.raises(PhotoError) as caught:
        open_photo(ANIMATION)
    assert_one_sentence(caught.value, "the bytes given", "animated", "convert it to WebP or APNG")


@with_jxl
def test_nothing_is_registered_in_pillow() -> None:
    open_photo(encode_jpeg_xl(Image.fromarray(gradient(8, 8)), 92))

    assert "JXL" not in Image.OPEN
    assert "JXL" not in Image.SAVE


@with_jxl
@pytest.mark.parametrize("effect", ["alpha", "cutout", "blur"])
def test_the_command_writes_it(fake_engine: FakeEngine, tmp_path: Path, effect: str) -> None:
    photo, out = tmp_path / "photo.jpg", tmp_path / "out"
    Image.fromarray(gradient(24, 20)).save(photo)
    out.mkdir()

    assert main([effect, str(photo), "-o", str(out / ""), "--format", "jxl"]) == 0
    assert main([effect, str(out / "photo.jxl"), "-o", str(tmp_path / "again.png")]) == 0

    assert (out / "photo.jxl").read_bytes().startswith(b"\xff\x0a")
    assert Image.open(tmp_path / "again.png").size == (24, 20)


def test_without_pylibjxl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pylibjxl", None)
    with pytest.raises(PhotoError) as unread:
        open_photo(ANIMATION)
    with pytest.raises(OutputError) as unwritten:
        check_output(Path("out.jxl"), transparent=False)
    assert_one_sentence(unread.value, "the bytes given", "JPEG XL", "pip install pylibjxl")
    assert_one_sentence(unwritten.value, "out.jxl", "pip install pylibjxl", "or use .webp")
