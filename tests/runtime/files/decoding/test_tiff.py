import struct

import numpy as np
import pytest
from pspm_runtime import PhotoError, open_photo

from tests.runtime.pictures import assert_one_sentence

GREY = np.linspace(0, 1, 64).reshape(1, 8, 8)
RGB = np.stack([GREY[0], GREY[0].T, 1 - GREY[0]])
MIN_IS_WHITE, MIN_IS_BLACK, IS_RGB = 0, 1, 2


def tiff(planes: np.ndarray, bits: int, photometric: int, *, planar: bool, signed: bool, order: str) -> bytes:
    """An uncompressed TIFF of (C, H, W) values, put together by hand."""
    channels, height, width = planes.shape
    kind = np.dtype(f"{order}u{bits // 8}")
    strips = [plane.astype(kind).tobytes() for plane in planes]
    if not planar:
        strips = [planes.transpose(1, 2, 0).astype(kind).tobytes()]
    numbers = [
        (256, "I", [width]),
        (257, "I", [height]),
        (258, "H", channels * [bits]),
        (259, "H", [1]),
        (262, "H", [photometric]),
        (273, "I", [0] * len(strips)),
        (277, "H", [channels]),
        (278, "I", [height]),
        (279, "I", [len(strip) for strip in strips]),
        (284, "H", [2 if planar else 1]),
        (339, "H", channels * [2 if signed else 1]),
    ]
    lengths = [struct.calcsize(order + kind * len(values)) for _, kind, values in numbers]
    outside = 8 + 2 + 12 * len(numbers) + 4
    at = outside + sum(length for length in lengths if length > 4)
    numbers[5] = (273, "I", [at + sum(len(strip) for strip in strips[:i]) for i in range(len(strips))])
    table, data = struct.pack(order + "H", len(numbers)), b""
    for (tag, letter, values), length in zip(numbers, lengths, strict=True):
        value = struct.pack(order + letter * len(values), *values)
        table += struct.pack(order + "HHI", tag, 3 if letter == "H" else 4, len(values))
        table += value.ljust(4, b"\0") if length <= 4 else struct.pack(order + "I", outside + len(data))
        data += value if length > 4 else b""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    return head + table + bytes(4) + data + b"".join(strips)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("bits", [8, 16, 32])
@pytest.mark.parametrize(
    ("photometric", "planar"), [(MIN_IS_WHITE, False), (MIN_IS_BLACK, False), (IS_RGB, False), (IS_RGB, True)]
)
def test_every_layout_is_right_or_refused(photometric: int, planar: bool, bits: int, signed: bool, order: str) -> None:
    shown = RGB if photometric == IS_RGB else GREY
    stored = np.round((1 - shown if photometric == MIN_IS_WHITE else shown) * (2 ** (bits - signed) - 1))
    file = tiff(stored.astype(np.uint64), bits, photometric, planar=planar, signed=signed, order=order)

    try:
        photo = open_photo(file)
    except PhotoError as error:
        assert_one_sentence(error, "the bytes given")
        must_be_read = bits <= 16 and not signed and not (planar and bits == 16) and photometric != MIN_IS_WHITE
        assert not must_be_read
    else:
        wanted = np.broadcast_to(shown, RGB.shape).transpose(1, 2, 0) * 255
        assert np.abs(np.asarray(photo.image) - wanted).max() <= 1.5


def test_negative_of_16_bits_is_read() -> None:
    stored = np.round((1 - GREY) * 65535).astype(np.uint64)

    photo = open_photo(tiff(stored, 16, MIN_IS_WHITE, planar=False, signed=False, order="<"))

    assert np.asarray(photo.image)[[0, -1], [0, -1]].tolist() == [[0, 0, 0], [255, 255, 255]]


def test_12_bits_are_scaled() -> None:
    """Two values of 12 bits in three bytes, put into a file of 16."""
    stored = tiff(np.zeros((1, 1, 2)), 16, MIN_IS_BLACK, planar=False, signed=False, order="<")[:-4]
    stored = stored.replace(struct.pack("<HHIHH", 258, 3, 1, 16, 0), struct.pack("<HHIHH", 258, 3, 1, 12, 0))
    stored = stored.replace(struct.pack("<HHII", 279, 4, 1, 4), struct.pack("<HHII", 279, 4, 1, 3))

    photo = open_photo(stored + bytes([0x80, 0x0F, 0xFF]))

    assert np.abs(np.asarray(photo.image)[0, :, 0].astype(int) - [128, 255]).max() <= 1
