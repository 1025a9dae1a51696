import io
import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms
from pspm_runtime import OutputError
from pspm_runtime.files.encoding.encode import FORMATS, check_output, encode
from pspm_runtime.files.encoding.encode_png import encode_png
from pspm_runtime.files.save import write

from tests.runtime.pictures import assert_one_sentence, gradient, noise

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
WITH_PILLOW = [suffix for suffix, kind in FORMATS.items() if kind != "JXL"]
CHANNELS = {"L": 1, "RGB": 3, "RGBA": 4}


def image_of(mode: str, width: int, height: int, seed: int = 0) -> Image.Image:
    pixels = noise(width, height, CHANNELS[mode], seed)
    return Image.fromarray(pixels[..., 0] if mode == "L" else pixels)


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


@given(
    mode=st.sampled_from(list(CHANNELS)), width=st.integers(1, 90), height=st.integers(1, 200), seed=st.integers(0, 99)
)
def test_png_gives_every_pixel_back(mode: str, width: int, height: int, seed: int) -> None:
    image = image_of(mode, width, height, seed)

    with Image.open(io.BytesIO(encode_png(image))) as back:
        assert back.format == "PNG"
        assert back.mode == mode
        assert np.array_equal(back, image)


def test_png_of_a_smooth_image_is_small() -> None:
    image = Image.fromarray(gradient(640, 480))

    assert len(encode_png(image)) < 640 * 480 * 3 / 10


@pytest.mark.parametrize("suffix", WITH_PILLOW)
def test_colour_profile_goes_into_every_format(suffix: str) -> None:
    image = image_of("RGB", 9, 7)
    image.info["icc_profile"] = SRGB

    with Image.open(io.BytesIO(encode(image, suffix))) as back:
        assert back.info["icc_profile"] == SRGB


@pytest.mark.parametrize("suffix", WITH_PILLOW)
def test_image_without_profile_gets_none(suffix: str) -> None:
    with Image.open(io.BytesIO(encode(image_of("RGB", 9, 7), suffix))) as back:
        assert not back.info.get("icc_profile")


@pytest.mark.parametrize("suffix", [*WITH_PILLOW, ".PNG", ".Jpg"])
def test_suffix_sets_the_format(suffix: str) -> None:
    with Image.open(io.BytesIO(encode(image_of("RGB", 9, 7), suffix))) as back:
        assert back.format == FORMATS[suffix.lower()]
        assert back.size == (9, 7)


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif"])
def test_transparency_is_kept_exactly(suffix: str) -> None:
    image = image_of("RGBA", 30, 20)

    with Image.open(io.BytesIO(encode(image, suffix))) as back:
        assert np.array_equal(np.asarray(back)[..., 3], np.asarray(image)[..., 3])


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".tif"])
def test_matte_and_colours_survive_other_formats(suffix: str, mode: str) -> None:
    image = Image.fromarray(gradient(64, 48)).convert(mode)

    with Image.open(io.BytesIO(encode(image, suffix))) as back:
        assert np.abs(np.asarray(back.convert(mode)).astype(int) - np.asarray(image)).mean() < 3


def test_image_too_long_for_its_format() -> None:
    with pytest.raises(OutputError) as caught:
        encode(Image.new("RGB", (17_000, 1)), ".webp")
    assert "\n" not in str(caught.value)


def test_libjpeg_prints_nothing_about_an_image_that_is_too_long(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(OutputError) as caught:
        encode(Image.new("L", (2, 65_501)), ".jpg")
    assert_one_sentence(caught.value, "2 x 65501 pixels", "65,500 a side", "use .png")
    assert capfd.readouterr() == ("", "")
    assert len(encode(Image.new("L", (2, 65_500)), ".jpg")) > 0


@pytest.mark.parametrize("name", ["out", "out.xyz", "out.png.txt", "out.heic", ".png"])
def test_unknown_suffix(name: str) -> None:
    with pytest.raises(OutputError) as caught:
        check_output(Path(name), transparent=False)
    assert_one_sentence(caught.value, name, ".png", ".jpg")


@pytest.mark.parametrize("name", ["out.jpg", "out.JPEG"])
def test_jpeg_holds_no_transparency(name: str) -> None:
    with pytest.raises(OutputError) as caught:
        check_output(Path(name), transparent=True)
    assert_one_sentence(caught.value, name, "transparency", ".png")
    check_output(Path(name), transparent=False)


def test_write_makes_the_folders_and_leaves_the_file_alone(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "out.png"

    write(b"whole", target, force=False)

    assert target.read_bytes() == b"whole"
    assert names(target.parent) == ["out.png"]


def test_written_file_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual.png").touch()

    write(b"whole", tmp_path / "out.png", force=False)

    usual, ours = (stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("usual.png", "out.png"))
    assert ours == usual


def test_write_refuses_to_replace(tmp_path: Path) -> None:
    target = tmp_path / "out.png"
    target.write_bytes(b"old")
    with pytest.raises(OutputError) as caught:
        write(b"new", target, force=False)
    assert_one_sentence(caught.value, "out.png", "exists already", "--force")
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["out.png"]


def test_write_replaces_with_force(tmp_path: Path) -> None:
    target = tmp_path / "out.png"
    target.write_bytes(b"old and longer")

    write(b"new", target, force=True)

    assert target.read_bytes() == b"new"
    assert names(tmp_path) == ["out.png"]


@pytest.mark.parametrize(("module", "step"), [(Path, "write_bytes"), (os, "replace")], ids=["write", "replace"])
def test_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, step: str
) -> None:
    target = tmp_path / "out.png"
    target.write_bytes(b"old")

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module, step, fail)
        with pytest.raises(OutputError) as caught:
            write(b"new", target, force=True)
    assert_one_sentence(caught.value, "out.png", "No space left on device", "choose another place")
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["out.png"]


@pytest.mark.parametrize(("step", "force"), [("link", False), ("replace", True)])
def test_interrupted_write_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, force: bool
) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, step, interrupt)
        with pytest.raises(KeyboardInterrupt):
            write(b"new", tmp_path / "out.png", force=force)
    assert names(tmp_path) == []


def test_write_into_a_place_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError) as caught:
        write(b"new", tmp_path / "file" / "out.png", force=False)
    assert_one_sentence(caught.value, "out.png", "cannot be written", "choose another place")
    assert names(tmp_path) == ["file"]


def test_write_onto_a_folder(tmp_path: Path) -> None:
    (tmp_path / "out.png").mkdir()
    with pytest.raises(OutputError) as caught:
        write(b"new", tmp_path / "out.png", force=True)
    assert_one_sentence(caught.value, "out.png", "is a folder")


def test_longest_name_a_folder_can_hold(tmp_path: Path) -> None:
    target = tmp_path / f"{'x' * 251}.png"

    write(b"whole", target, force=False)

    assert target.read_bytes() == b"whole"


def test_name_too_long_for_any_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        write(b"new", tmp_path / f"{'x' * 300}.png", force=False)
    assert_one_sentence(caught.value, "xxx.png")
    assert names(tmp_path) == []


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444])
def test_a_replaced_file_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    target = tmp_path / "out.png"
    target.write_bytes(b"old")
    target.chmod(mode)

    write(b"new", target, force=True)

    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == mode


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_and_its_file_is_replaced(tmp_path: Path, exists: bool) -> None:
    (tmp_path / "store").mkdir()
    target = tmp_path / "store" / "real.png"
    if exists:
        target.write_bytes(b"old")
    (tmp_path / "out.png").symlink_to(target)

    write(b"new", tmp_path / "out.png", force=True)

    assert (tmp_path / "out.png").is_symlink()
    assert target.read_bytes() == b"new"
    assert names(tmp_path / "store") == ["real.png"]
