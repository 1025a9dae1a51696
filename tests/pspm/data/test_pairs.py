"""Layouts of data folders, and messages about broken files; on generated images."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from pspm.data.folders.integrity import check_pairs, check_pictures
from pspm.data.folders.pairs import Pair, find_pairs

HEIGHT, WIDTH = 24, 18
COLOUR = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
ALPHA = np.tile(np.linspace(0, 255, WIDTH).astype(np.uint8), (HEIGHT, 1))


def save(path: Path, picture: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path, lossless=path.suffix == ".webp")
    return path


@pytest.mark.parametrize(
    ("image", "matte", "kind"),
    [
        ("image/a.png", "alpha/a.png", "photo"),
        ("image/a.JPG", "alpha/a.webp", "photo"),
        ("train/image/a.png", "train/alpha/a.png", "photo"),
        ("colour/a.jpg", "alpha/a.png", "cutout"),
        ("image/a.jpg", "mask/a.png", "mask"),
        ("00001.jpg", "00001_matting.png", "photo"),
        ("00001.png", "00001_matting.jpg", "photo"),
    ],
)
def test_every_layout_is_recognised(tmp_path: Path, image: str, matte: str, kind: str) -> None:
    save(tmp_path / image, COLOUR)
    save(tmp_path / matte, ALPHA)
    (tmp_path / "README.md").touch()
    (tmp_path / image).with_name("._a.jpg").write_bytes(b"written by macOS on USB sticks")
    assert find_pairs(tmp_path) == [Pair(tmp_path / image, tmp_path / matte, kind)]  # type: ignore[arg-type]
    check_pairs(find_pairs(tmp_path))
    colour, alpha = find_pairs(tmp_path)[0].read()
    assert colour.shape == COLOUR.shape
    assert alpha.shape == ALPHA.shape
    assert set(np.unique(alpha)) == {0, 255} if kind == "mask" else len(np.unique(alpha)) > 2


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_a_picture_with_transparency_is_a_cutout(tmp_path: Path, suffix: str) -> None:
    save(tmp_path / f"a{suffix}", np.dstack([COLOUR, np.maximum(ALPHA, 1)]))
    (pair,) = find_pairs(tmp_path)
    check_pairs([pair])
    colour, alpha = pair.read()
    assert pair.kind == "cutout"
    assert np.array_equal(colour, COLOUR)
    assert np.array_equal(alpha, np.maximum(ALPHA, 1))


def test_colours_under_transparent_pixels_do_not_show(tmp_path: Path) -> None:
    colour, alpha = np.zeros((HEIGHT, WIDTH, 3), np.uint8), np.zeros((HEIGHT, WIDTH), np.uint8)
    colour[8:16, :6], colour[8:16, 6:12], alpha[8:16, 2:10] = (200, 10, 10), (10, 10, 200), 255
    path = save(tmp_path / "a.png", np.dstack([colour, alpha]))
    image, matte = Pair(path, path, "cutout").read()
    assert np.array_equal(matte, alpha)
    assert image[0, 0].tolist() == [200, 10, 10]
    assert image[-1, -1].tolist() == [10, 10, 200]


@pytest.mark.parametrize(
    "matte",
    [
        pytest.param(ALPHA.astype(np.uint16) * 257, id="16 bits"),
        pytest.param(np.repeat(ALPHA[..., None], 3, 2), id="RGB"),
        pytest.param(np.repeat(ALPHA[..., None].astype(np.uint16) * 257, 3, 2), id="RGB of 16 bits"),
        pytest.param(np.dstack([COLOUR, ALPHA]), id="in the transparency"),
        pytest.param(np.dstack([np.repeat(ALPHA[..., None], 3, 2), np.full_like(ALPHA, 255)]), id="opaque RGBA"),
    ],
)
def test_a_matte_of_any_depth_is_read(tmp_path: Path, matte: np.ndarray) -> None:
    image = save(tmp_path / "a.png", COLOUR)
    cv2.imwrite(str(tmp_path / "alpha.png"), matte)
    assert np.array_equal(Pair(image, tmp_path / "alpha.png").read()[1], ALPHA)


def test_a_mask_of_zeros_and_ones_is_a_mask(tmp_path: Path) -> None:
    image, mask = save(tmp_path / "a.png", COLOUR), save(tmp_path / "m.png", (ALPHA > 100).astype(np.uint8))
    assert np.array_equal(Pair(image, mask, "mask").read()[1], (ALPHA > 100) * np.uint8(255))


def test_a_rotated_photo_matches_its_upright_matte(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(COLOUR).save(tmp_path / "a.jpg", exif=exif)
    pair = Pair(tmp_path / "a.jpg", save(tmp_path / "a.png", np.rot90(ALPHA)))
    check_pairs([pair])
    assert pair.read()[0].shape == (WIDTH, HEIGHT, 3)


@pytest.mark.parametrize("name", ["nothing", "here"])
def test_the_error_for_an_unknown_layout_lists_the_layouts(tmp_path: Path, name: str) -> None:
    save(tmp_path / "here/a.jpg", COLOUR)
    with pytest.raises(FileNotFoundError, match=rf"{name} .*image/ and alpha/.*_matting\.png.*transparency"):
        find_pairs(tmp_path / name)


def test_pictures_without_mattes_are_counted(tmp_path: Path) -> None:
    for name in "abc":
        save(tmp_path / "image" / f"{name}.jpg", COLOUR)
    save(tmp_path / "alpha/b.png", ALPHA)
    with pytest.raises(
        FileNotFoundError, match=r"image/a\.jpg has no matte; add .*alpha/a\.png; 1 more images have none"
    ):
        find_pairs(tmp_path)


def test_every_broken_file_is_named_with_its_reason(tmp_path: Path) -> None:
    good = save(tmp_path / "good.jpg", np.zeros((200, 200, 3), np.uint8))
    black = save(tmp_path / "black.png", np.zeros((200, 200), np.uint8))
    check_pairs([Pair(good, black)])

    text = tmp_path / "text.png"
    text.write_text("no picture")
    short = tmp_path / "short.jpg"
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    short.write_bytes(save(tmp_path / "noise.jpg", noise).read_bytes()[:9000])
    cut = tmp_path / "cut.png"
    cut.write_bytes(save(tmp_path / "noise.png", noise).read_bytes()[:9000])
    small = save(tmp_path / "small.png", ALPHA)
    with pytest.raises(ValueError, match="fix or remove") as caught:
        check_pairs(
            [
                Pair(good, black),
                Pair(good, text),
                Pair(short, black),
                Pair(good, cut),
                Pair(good, small),
                Pair(good, tmp_path / "gone.png"),
                Pair(good, good, "cutout"),
            ]
        )
    _, *faults = str(caught.value).splitlines()
    assert len(faults) == 6
    for fault, words in zip(
        faults,
        [
            ("text.png", "not an image"),
            ("short.jpg", "truncated"),
            ("cut.png", "truncated"),
            ("small.png", "18 x 24", "good.jpg", "200 x 200"),
            ("gone.png", "does not exist"),
            ("good.jpg", "no transparency"),
        ],
        strict=True,
    ):
        assert all(word in fault for word in words)


def test_a_hundred_broken_pictures_are_counted(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="and 90 more") as caught:
        check_pictures([tmp_path / f"{i}.jpg" for i in range(100)])
    assert str(caught.value).count("does not exist") == 10
