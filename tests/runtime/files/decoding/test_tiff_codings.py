"""Bit depths, palettes, compressions and colour codings of TIFF files are right or refused."""

import io
import itertools
import zlib
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image
from pspm_runtime import PhotoError, open_photo

from tests.runtime.files.decoding.made_tiff import packed, tiff_of
from tests.runtime.files.test_photo import STORED
from tests.runtime.pictures import assert_one_sentence, encoded, gradient, noise

WIDTH, HEIGHT = 13, 9
MIN_IS_WHITE, MIN_IS_BLACK, RGB, PALETTE, SEPARATED, YCBCR = 0, 1, 2, 3, 5, 6
LZW, DEFLATE, PACK_BITS = 5, 8, 32773


def read(data: bytes) -> np.ndarray | None:
    """The colours as integers, None for a file that is refused in one sentence."""
    try:
        photo = open_photo(data)
    except PhotoError as error:
        assert_one_sentence(error, "the bytes given")
        return None
    return np.asarray(photo.image).astype(int)


@pytest.mark.parametrize("bits", [1, 2, 4])
@pytest.mark.parametrize("photometric", [MIN_IS_WHITE, MIN_IS_BLACK])
@pytest.mark.parametrize(("order", "reverse"), list(itertools.product("<>", (False, True))))
def test_grey_of_few_bits(bits: int, photometric: int, order: str, reverse: bool) -> None:
    values = np.random.default_rng(0).integers(0, 2**bits, (HEIGHT, WIDTH))
    tags = {258: bits, 262: photometric, 266: 2 if reverse else 1}

    found = read(tiff_of((WIDTH, HEIGHT), packed(values, bits, reverse=reverse), tags, order))

    shown = values if photometric == MIN_IS_BLACK else 2**bits - 1 - values
    assert found is not None or reverse
    if found is not None:
        assert np.array_equal(found[..., 0], shown * 255 // (2**bits - 1))


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compression", [1, DEFLATE])
def test_palettes(bits: int, order: str, compression: int) -> None:
    random = np.random.default_rng(1)
    values, colours = random.integers(0, 2**bits, (HEIGHT, WIDTH)), random.integers(0, 256, (2**bits, 3))
    data = packed(values, bits)
    tags = {258: bits, 262: PALETTE, 259: compression, 320: (colours.T * 257).ravel().tolist()}

    found = read(tiff_of((WIDTH, HEIGHT), zlib.compress(data) if compression == DEFLATE else data, tags, order))

    assert found is not None
    assert np.array_equal(found, colours[values])


PICTURES = {
    "1": Image.fromarray(noise(WIDTH * 5, HEIGHT * 5, 1)[..., 0] > 128),
    "L": Image.fromarray(noise(WIDTH * 5, HEIGHT * 5, 1)[..., 0]),
    "P": Image.fromarray(gradient(WIDTH * 5, HEIGHT * 5)).quantize(64),
    "RGB": Image.fromarray(noise(WIDTH * 5, HEIGHT * 5)),
    "RGBA": Image.fromarray(np.dstack([noise(WIDTH * 5, HEIGHT * 5), np.full((HEIGHT * 5, WIDTH * 5), 255, np.uint8)])),
    "I;16": Image.fromarray(noise(WIDTH * 5, HEIGHT * 5, 1)[..., 0].astype(np.uint16) * 257),
    "CMYK": Image.fromarray(noise(WIDTH * 5, HEIGHT * 5, 4), "CMYK"),
}


LOSSLESS = ("tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits", "zstd", "lzma")


@pytest.mark.parametrize(
    ("compression", "mode", "predictor"),
    # Runs of bytes and single bits are not predicted.
    [
        case
        for case in itertools.product(LOSSLESS, PICTURES, (1, 2))
        if case[2] == 1 or (case[0] != "packbits" and case[1] != "1")
    ],
)
def test_lossless_compressions(compression: str, mode: str, predictor: int) -> None:
    image = PICTURES[mode]
    data = encoded(image, "TIFF", compression=compression, tiffinfo={317: predictor} if predictor == 2 else {})

    found = read(data)

    assert found is not None
    wanted = np.asarray(image).astype(int) // 257 if mode == "I;16" else np.asarray(image.convert("RGB")).astype(int)
    assert np.abs(found - (wanted[..., None] if wanted.ndim == 2 else wanted)).max() <= (1 if mode == "I;16" else 0)
    if mode in ("L", "RGB") and compression not in ("zstd", "lzma"):
        by_opencv = cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        assert np.array_equal(found, by_opencv)


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_ccitt"])
def test_fax_compressions(compression: str) -> None:
    found = read(encoded(PICTURES["1"], "TIFF", compression=compression))

    assert found is not None
    assert np.array_equal(found[..., 0], np.asarray(PICTURES["1"]) * 255)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_jpeg_inside(mode: str) -> None:
    image = Image.fromarray(gradient(80, 60)).convert(mode)
    data = encoded(image, "TIFF", compression="jpeg", quality=95)

    found = read(data)

    by_opencv = cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    assert found is not None
    assert np.abs(found - by_opencv).max() <= 2
    assert np.abs(found - np.asarray(image.convert("RGB"))).mean() < 3


def test_floating_point_with_a_predictor_is_refused() -> None:
    ok, data = cv2.imencode(".tif", gradient(40, 30).astype(np.float32) / 255)
    assert ok
    assert read(data.tobytes()) is None


@pytest.mark.parametrize("values", [np.uint8, np.uint16])
@pytest.mark.parametrize("photometric", ["minisblack", "rgb"])
@pytest.mark.parametrize("options", [{}, {"tile": (16, 16)}, {"rowsperstrip": 7}, {"compression": "zlib"}])
def test_bigtiff(values: Any, photometric: str, options: dict[str, Any]) -> None:
    pixels = gradient(40, 30) if photometric == "rgb" else gradient(40, 30)[..., 0]
    buffer = io.BytesIO()
    tifffile.imwrite(
        buffer,
        pixels.astype(values) * (257 if values == np.uint16 else 1),
        photometric=photometric,
        bigtiff=True,
        **options,
    )

    found = read(buffer.getvalue())

    assert found is not None
    assert np.abs(found - (pixels if pixels.ndim == 3 else pixels[..., None])).max() <= 1


@pytest.mark.parametrize("orientation", STORED)
def test_the_orientation_tag(orientation: int) -> None:
    upright = noise(WIDTH, HEIGHT)
    buffer = io.BytesIO()
    stored = np.ascontiguousarray(STORED[orientation](upright))
    tifffile.imwrite(buffer, stored, photometric="rgb", extratags=[(274, 3, 1, orientation, True)])

    found = read(buffer.getvalue())

    assert found is not None
    assert np.array_equal(found, upright)


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("photometric", [MIN_IS_WHITE, MIN_IS_BLACK])
@pytest.mark.parametrize("bits", [8, 16])
def test_the_orientation_of_grey(orientation: int, photometric: int, bits: int) -> None:
    upright = noise(WIDTH, HEIGHT, 1)[..., 0]
    stored = np.ascontiguousarray(STORED[orientation](upright))
    values = stored if photometric == MIN_IS_BLACK else 255 - stored
    data = values.tobytes() if bits == 8 else (values.astype("<u2") * 257).tobytes()
    size = (stored.shape[1], stored.shape[0])

    found = read(tiff_of(size, data, {258: bits, 262: photometric, 274: orientation}))

    assert found is not None
    assert np.array_equal(found[..., 0], upright)


EXTRA = {0: None, 1: "premultiplied", 2: "straight"}


@pytest.mark.parametrize("extra", EXTRA)
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("compression", [1, DEFLATE])
@pytest.mark.parametrize("bits", [8, 16])
def test_extra_samples(extra: int, channels: int, compression: int, bits: int) -> None:
    """A channel beyond the colours is alpha only if the file says so."""
    alpha = np.tile(np.linspace(128, 255, WIDTH).round().astype(int), (HEIGHT, 1))
    colours = noise(WIDTH, HEIGHT, channels).astype(int)
    stored = (colours * alpha[..., None] / 255).round().astype(int) if extra == 1 else colours
    pixels = np.dstack([stored, alpha]).astype("<u2" if bits == 16 else "u1") * (257 if bits == 16 else 1)
    data = pixels.astype("<u2" if bits == 16 else "u1").tobytes()
    photometric = {1: MIN_IS_BLACK, 3: RGB, 4: SEPARATED}[channels]
    tags = {258: (channels + 1) * [bits], 262: photometric, 277: channels + 1, 338: extra, 259: compression}

    try:
        photo = open_photo(tiff_of((WIDTH, HEIGHT), zlib.compress(data) if compression == DEFLATE else data, tags))
    except PhotoError as error:
        assert_one_sentence(error, "the bytes given")
        assert channels != 3 or extra == 0, "usual files are read"
        return

    wanted = np.asarray(Image.fromarray(colours.astype(np.uint8), "CMYK").convert("RGB")) if channels == 4 else colours
    assert np.abs(np.asarray(photo.image).astype(int) - wanted).max() <= (3 if extra == 1 else 1)
    if extra == 0 or channels == 4:
        assert photo.transparency is None or channels == 4
    else:
        assert photo.transparency is not None
        assert np.abs(np.asarray(photo.transparency).astype(int) - alpha).max() <= 1


def subsampled(colours: np.ndarray) -> bytes:
    """Blocks of 2 x 2 luma values with one pair of chroma values."""
    codes = np.asarray(Image.fromarray(colours).convert("YCbCr"))
    data = b""
    for y in range(0, len(codes), 2):
        for x in range(0, codes.shape[1], 2):
            block = codes[y : y + 2, x : x + 2]
            data += block[..., 0].tobytes() + block[..., 1:].mean((0, 1)).round().astype(np.uint8).tobytes()
    return data


@pytest.mark.parametrize("compression", [1, DEFLATE, PACK_BITS])
def test_subsampled_ycbcr(compression: str | int) -> None:
    blocks = np.repeat(np.repeat(gradient(12, 8), 2, 0), 2, 1)
    data = subsampled(blocks)
    if compression == DEFLATE:
        data = zlib.compress(data)
    elif compression == PACK_BITS:
        data = b"".join(bytes([len(data[i : i + 128]) - 1]) + data[i : i + 128] for i in range(0, len(data), 128))
    tags = {258: (8, 8, 8), 262: YCBCR, 277: 3, 259: int(compression), 530: (2, 2)}

    found = read(tiff_of((24, 16), data, tags))

    if found is not None:
        assert np.abs(found - blocks).max() <= 3


@pytest.mark.parametrize("compression", [1, DEFLATE])
@pytest.mark.parametrize(
    "coding",
    [
        {"t532": (16, 235, 128, 240, 128, 240)},
        {"t529": (0.2126, 0.7152, 0.0722)},
        {"t532": (0, 255, 128, 255, 128, 255)},
    ],
)
def test_other_codings_of_ycbcr(compression: int, coding: dict[str, Any]) -> None:
    """Video range and the coefficients of BT.709 are decoded or refused, but never taken for JPEG's."""
    colours = gradient(24, 16)
    red, green, blue = coding.get("t529", (0.299, 0.587, 0.114))
    luma = colours @ np.array([red, green, blue])
    chroma = [(colours[..., c] - luma) / (2 * (1 - k)) for c, k in ((2, blue), (0, red))]
    black, white, *_ = coding.get("t532", (0, 255))
    scale = 224 / 255 if black else 1.0
    codes = [luma / 255 * (white - black) + black, *(128 + part * scale for part in chroma)]
    data = np.stack(codes, -1).round().clip(0, 255).astype(np.uint8).tobytes()
    tags = {258: (8, 8, 8), 262: YCBCR, 277: 3, 259: compression, 530: (1, 1)}

    found = read(tiff_of((24, 16), zlib.compress(data) if compression == DEFLATE else data, tags, **coding))

    if found is not None:
        assert np.abs(found - colours).max() <= 5


def test_inks_other_than_cmyk_are_refused() -> None:
    data = noise(WIDTH, HEIGHT, 4).tobytes()
    tags = {258: (8, 8, 8, 8), 262: SEPARATED, 277: 4}

    assert read(tiff_of((WIDTH, HEIGHT), data, tags)) is not None
    assert read(tiff_of((WIDTH, HEIGHT), data, {**tags, 332: 2})) is None


@pytest.mark.parametrize("photometric", [4, 9, 10, 32803, 32844, 32845, 34892])
def test_other_kinds_of_pictures_are_refused(photometric: int) -> None:
    """Masks, other Lab codings, raw sensor data and logarithmic light."""
    channels = 3 if photometric not in (4, 32803) else 1
    data = noise(WIDTH, HEIGHT, channels).tobytes()

    assert read(tiff_of((WIDTH, HEIGHT), data, {258: channels * [8], 262: photometric, 277: channels})) is None
