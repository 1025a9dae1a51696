"""Mattes and cut-outs with 16 bits have real levels, and equal those of 8 bits when they are rounded."""

import io
import itertools
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image
from pspm_runtime import Model, OutputError, PspmError
from pspm_runtime.command.cli import main
from pspm_runtime.files.encoding.encode import encode
from pspm_runtime.files.encoding.wide_image import WideImage
from pspm_runtime.files.metadata.metadata import Metadata

from tests.runtime.colour import made_profiles as profiles
from tests.runtime.fake_engine import FakeEngine
from tests.runtime.pictures import gradient, noise


def slope(width: int, height: int) -> np.ndarray:
    """A matte that rises slowly, so that most levels appear."""
    across, down = np.meshgrid(np.linspace(-0.1, 1.1, width), np.linspace(0, 0.05, height))
    return (across + down).clip(0, 1).astype(np.float32)


@pytest.fixture
def model(fake_engine: FakeEngine) -> Model:
    fake_engine.answer = slope
    return Model(fake_engine)


def photos() -> dict[str, Any]:
    opaque = gradient(700, 500)
    half = np.dstack([opaque, np.full((500, 700), 128, np.uint8)])
    cut = np.dstack([opaque, np.where(np.arange(700) > 350, 255, 40)[None].repeat(500, 0).astype(np.uint8)])
    return {
        "large": opaque,
        "grainy": noise(700, 500),
        "smaller than the view": gradient(100, 80),
        "half transparent": half,
        "partly transparent": cut,
    }


@pytest.mark.parametrize("kind", photos())
def test_levels_are_real_and_round_to_those_of_8_bits(model: Model, kind: str) -> None:
    photo = photos()[kind]

    coarse = model.predict_alpha(photo)
    fine = model.predict_alpha(photo, alpha_bits=16)

    assert fine.dtype == np.float32
    assert fine.shape == coarse.shape
    assert np.abs(np.round(fine * 255) - np.round(coarse * 255)).max() <= 1
    assert np.abs(fine - coarse).max() <= 1.6 / 255
    levels = np.unique(np.round(fine * 65535).astype(int))
    assert len(levels) > 1000
    assert (levels % 257 != 0).mean() > 0.5, "more than 8 bits, repeated"
    assert fine.max() <= 1


def test_a_cut_out_has_the_same_colours_and_the_finer_matte(model: Model) -> None:
    photo = gradient(700, 500)

    coarse, fine = np.asarray(model.cut_out(photo)), model.cut_out(photo, alpha_bits=16)

    assert fine.dtype == np.uint16
    assert fine.shape == (500, 700, 4)
    assert np.array_equal(fine[..., 3], np.round(model.predict_alpha(photo, alpha_bits=16) * 65535).astype(np.uint16))
    seen = coarse[..., 3] > 2
    assert np.abs(fine[..., :3] / 257 - coarse[..., :3])[seen].max() <= 3
    assert np.abs(fine[..., :3] / 257 - coarse[..., :3])[seen].mean() < 0.1


def test_the_known_regions_of_a_trimap_are_kept() -> None:
    drawn = np.full((500, 700), 128, np.uint8)
    drawn[:, :100], drawn[:, 600:] = 0, 255

    fine = Model(FakeEngine(slope, takes_trimap=True)).predict_alpha(gradient(700, 500), trimap=drawn, alpha_bits=16)

    assert (fine[:, :100].max(), fine[:, 600:].min()) == (0, 1)
    assert len(np.unique(fine[:, 100:600])) > 1000


@pytest.mark.parametrize("bits", [0, 7, 32, "16", True, None, 16.0])
def test_other_numbers_of_bits_are_refused(model: Model, bits: Any) -> None:
    for function in (model.predict_alpha, model.cut_out):
        with pytest.raises(PspmError, match="alpha_bits must be 8 or 16"):
            function(gradient(30, 20), alpha_bits=bits)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize(("channels", "size"), list(itertools.product([1, 4], [(1, 1), (33, 21), (1200, 700)])))
def test_every_value_comes_back(suffix: str, channels: int, size: tuple[int, int]) -> None:
    width, height = size
    shape = (height, width) if channels == 1 else (height, width, channels)
    pixels = np.random.default_rng(0).integers(0, 65536, shape).astype(np.uint16)
    profile = None if channels == 1 else profiles.ADOBE

    data = encode(WideImage(pixels, profile), suffix, metadata=Metadata())

    by_opencv = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    by_opencv = by_opencv if channels == 1 else cv2.cvtColor(by_opencv, cv2.COLOR_BGRA2RGBA)
    assert np.array_equal(by_opencv, pixels)
    if suffix == ".tif":
        assert np.array_equal(tifffile.imread(io.BytesIO(data)), pixels)
    assert Image.open(io.BytesIO(data)).info.get("icc_profile") == profile


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif", ".jxl"])
def test_formats_with_8_bits_refuse_it(suffix: str) -> None:
    with pytest.raises(OutputError, match=r"8 bits a channel; use \.png or \.tif"):
        encode(WideImage(np.zeros((4, 4), np.uint16)), suffix)


@pytest.mark.parametrize("effect", ["alpha", "cutout"])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("crop", [False, True])
def test_on_the_command_line(model: Model, tmp_path: Path, effect: str, suffix: str, crop: bool) -> None:
    photo, outs = tmp_path / "photo.png", [tmp_path / f"{bits}{suffix}" for bits in (8, 16)]
    Image.fromarray(gradient(700, 500)).save(photo)
    options = ["--crop", "0"] if crop else []

    for bits, out in zip((8, 16), outs, strict=True):
        assert main([effect, str(photo), "-o", str(out), "--alpha-bits", str(bits), *options]) == 0

    coarse, fine = (cv2.imread(str(out), cv2.IMREAD_UNCHANGED) for out in outs)
    assert (coarse.dtype, fine.dtype) == (np.uint8, np.uint16)
    if crop:  # the matte rises by a level in two to three columns, and a level decides where the left edge is
        width = min(coarse.shape[1], fine.shape[1])
        assert max(coarse.shape[1], fine.shape[1]) - width <= 3
        assert 500 < width < 700
        coarse, fine = coarse[:, -width:], fine[:, -width:]
    assert coarse.shape == fine.shape
    alphas = (coarse, fine) if effect == "alpha" else (coarse[..., 3], fine[..., 3])
    assert np.abs(np.round(alphas[1] / 257) - alphas[0]).max() <= 1
    assert len(np.unique(alphas[1])) > 1000


@pytest.mark.parametrize("name", ["out.jpg", "out.webp", "out.avif"])
def test_on_the_command_line_other_formats_are_refused(
    model: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    Image.fromarray(gradient(30, 20)).save(tmp_path / "photo.png")

    assert main(["alpha", str(tmp_path / "photo.png"), "-o", str(tmp_path / name), "--alpha-bits", "16"]) == 1

    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "holds 8 bits; use .png or .tif" in error
    assert not (tmp_path / name).exists()


def test_an_animation_is_refused(model: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.fromarray(gradient(30, 20)).save(tmp_path / "photo.png")
    options = ["-o", str(tmp_path / "out.png"), "--frames", "--alpha-bits", "16"]

    assert main(["alpha", str(tmp_path / "photo.png"), *options]) == 1
    assert "an animation, which holds 8 bits" in capsys.readouterr().err
