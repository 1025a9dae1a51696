"""Every kind of TIFF is read with the right values or refused; tifffile writes them, apart from Pillow."""

import io
import itertools
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image
from pspm_runtime import PhotoError, open_photo
from pspm_runtime.colour.profiles import to_srgb

from tests.runtime.pictures import assert_one_sentence

HEIGHT, WIDTH = 40, 48
ACROSS, DOWN = np.meshgrid(np.linspace(0, 1, WIDTH), np.linspace(0, 1, HEIGHT))
RGB = np.stack([ACROSS, DOWN, 1 - ACROSS], -1)
WHITE: dict[str, float] = {"u1": 255, "u2": 65535, "u4": 2**32 - 1, "i1": 127, "i2": 32767, "f2": 1, "f4": 1}
PICTURES: dict[str, tuple[str, np.ndarray, list[str] | None]] = {
    "grey": ("minisblack", ACROSS, None),
    "grey, min is white": ("miniswhite", 1 - ACROSS, None),
    "grey with alpha": ("minisblack", np.stack([ACROSS, DOWN], -1), ["unassalpha"]),
    "RGB": ("rgb", RGB, None),
    "RGB with alpha": ("rgb", np.dstack([RGB, DOWN]), ["unassalpha"]),
    "RGB with premultiplied alpha": ("rgb", np.dstack([RGB * DOWN[..., None], DOWN]), ["assocalpha"]),
    "RGB with another channel": ("rgb", np.dstack([RGB, DOWN]), ["unspecified"]),
    "CMYK": ("separated", np.dstack([RGB, DOWN]), None),
    "Lab": ("cielab", RGB, None),
    "YCbCr": ("ycbcr", RGB, None),
}


def expected(kind: str) -> np.ndarray:
    """RGB codes as floats."""
    codes = np.round(PICTURES[kind][1] * 255).astype(np.uint8)
    if kind in ("CMYK", "YCbCr"):
        return np.asarray(Image.fromarray(codes, kind).convert("RGB")).astype(float)
    if kind == "Lab":
        channels = [Image.fromarray(codes[..., c] ^ (128 if c else 0)) for c in range(3)]
        return np.asarray(to_srgb(Image.merge("LAB", channels), None)).astype(float)
    return (RGB if kind.startswith("RGB") else np.repeat(ACROSS[..., None], 3, 2)) * 255


def tiff(kind: str, values: str, order: str = "<", *, planes: bool = False, **options: Any) -> bytes:
    photometric, picture, extra = PICTURES[kind]
    array = (picture * WHITE[values]).round(0 if values[0] != "f" else 6).astype(values)
    if planes:
        array = np.ascontiguousarray(np.moveaxis(array, -1, 0))
    if array.ndim == 3:
        options["planarconfig"] = "separate" if planes else "contig"
    if extra:
        options["extrasamples"] = extra
    file = io.BytesIO()
    with tifffile.TiffWriter(file, byteorder=order) as writer:
        writer.write(array, photometric=photometric, **options)
    return file.getvalue()


LAYOUTS: dict[str, dict[str, Any]] = {
    "strips": {},
    "tiles": {"tile": (16, 16)},
    "deflated strips": {"compression": "zlib"},
    "deflated tiles": {"compression": "zlib", "tile": (16, 16)},
    "predicted strips": {"compression": "zlib", "predictor": True},
}


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("values", WHITE)
@pytest.mark.parametrize("kind", PICTURES)
def test_a_tiff_is_right_or_refused(kind: str, values: str, order: str) -> None:
    """Premultiplied colours are compared where alpha is large enough to divide by."""
    tolerance = {"RGB with premultiplied alpha": 3, "CMYK": 2}.get(kind, 1)
    certain = DOWN > 0.5 if "premultiplied" in kind else np.full((HEIGHT, WIDTH), True)
    for layout, planes in itertools.product(LAYOUTS.values(), (False, True)):
        if (planes and PICTURES[kind][1].ndim == 2) or (values[0] == "f" and "predictor" in layout):
            continue
        try:
            photo = open_photo(tiff(kind, values, order, planes=planes, **layout))
        except PhotoError as error:
            assert_one_sentence(error, "the bytes given")
            continue
        assert values in ("u1", "u2", "u4"), f"{layout} was read"
        wrong = np.abs(np.asarray(photo.image).astype(float) - expected(kind)).max(-1)
        assert wrong[certain].max() <= tolerance, f"{layout}, planes: {planes}"
        assert (photo.transparency is not None) == ("alpha" in kind)
        if photo.transparency is not None:
            assert np.abs(np.asarray(photo.transparency) - 255 * DOWN).max() <= 1


@pytest.mark.parametrize(
    ("kind", "values"), [*itertools.product(["grey", "RGB", "RGB with alpha", "CMYK"], ["u1", "u2"])]
)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_usual_kinds_are_read(kind: str, values: str, layout: str) -> None:
    assert open_photo(tiff(kind, values, **LAYOUTS[layout])).image.size == (WIDTH, HEIGHT)


def test_12_bit_grey_is_scaled() -> None:
    pairs = np.array([[0, 4095], [2048, 1024]])
    packed = bytes(b for p, q in pairs.tolist() for b in (p >> 4, (p & 15) << 4 | q >> 8, q & 255))
    file = io.BytesIO()
    tags = {256: 2, 257: 2, 258: 12, 259: 1, 262: 1, 277: 1, 278: 2}
    entries = [(tag, 3, 1, value) for tag, value in tags.items()]
    entries = sorted([*entries, (273, 4, 1, 8), (279, 4, 1, len(packed))])
    file.write(b"II*\0" + (8 + len(packed)).to_bytes(4, "little") + packed + len(entries).to_bytes(2, "little"))
    for tag, kind, count, value in entries:
        file.write(tag.to_bytes(2, "little") + kind.to_bytes(2, "little"))
        file.write(count.to_bytes(4, "little") + value.to_bytes(4, "little"))
    file.write(bytes(4))

    levels = np.asarray(open_photo(file.getvalue()).image)[..., 0].astype(int)

    assert np.abs(levels - pairs / 4095 * 255).max() <= 1


def test_tiles_larger_than_the_limit_are_refused() -> None:
    data = tiff("RGB", "u1", tile=(512, 512))
    with pytest.raises(PhotoError) as caught:
        open_photo(data, max_megapixels=0.01)
    assert_one_sentence(caught.value, "tiles larger", "0.01")


def test_a_pil_image_of_a_wrong_kind_is_refused() -> None:
    data = tiff("RGB", "u2", planes=True)
    with pytest.raises(PhotoError, match="separate planes"):
        open_photo(Image.open(io.BytesIO(data)))
