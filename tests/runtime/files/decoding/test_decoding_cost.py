"""Small files that would take very long, or very much memory, to decode."""

import io
import struct
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image
from pspm_runtime import PhotoError, open_photo
from pspm_runtime.files.decoding.decoding_cost import FREE_TILES, MOST_SCANS

from tests.runtime.pictures import assert_one_sentence, encoded, gradient

SOS, EOI, SIZ, COD, SOT = b"\xff\xda", b"\xff\xd9", b"\xff\x51", b"\xff\x52", b"\xff\x90"


def progressive(scans: int, between: bytes = b"") -> bytes:
    """A JPEG of one channel with so many scans; `between` is put before each of those that are added."""
    data = encoded(Image.fromarray(gradient(64, 48)).convert("L"), "JPEG", progressive=True)
    body = data[: -len(EOI)]
    return body + (between + body[body.rindex(SOS) :]) * (scans - body.count(SOS)) + EOI


def jpeg_2000(**options: Any) -> bytearray:
    options = {"no_jp2": True, "num_resolutions": 3} | options
    return bytearray(encoded(Image.fromarray(gradient(256, 256)), "JPEG2000", **options))


def with_precincts(data: bytearray, side: int) -> bytes:
    start = data.index(COD)
    length = int.from_bytes(data[start + 2 : start + 4], "big")
    data[start + 14 : start + 2 + length] = bytes([side * 17]) * (length - 12)
    return bytes(data)


def with_tiles(side: int) -> bytes:
    data = jpeg_2000()
    struct.pack_into(">2I", data, data.index(SIZ) + 22, side, side)
    return bytes(data)


def with_precincts_in_a_tile() -> bytes:
    """The header of the tile, not that of the picture, has the precincts."""
    data = jpeg_2000()
    small = with_precincts(jpeg_2000(precinct_size=(128, 128)), 1)
    start = small.index(COD)
    segment = small[start : start + 2 + int.from_bytes(small[start + 2 : start + 4], "big")]
    tile = data.index(SOT)
    (size,) = struct.unpack_from(">I", data, tile + 6)
    struct.pack_into(">I", data, tile + 6, size + len(segment))
    return bytes(data[: tile + 12]) + segment + bytes(data[tile + 12 :])


def boxed(codestream: bytes, others: int) -> bytes:
    """A JP2 file with other boxes before the picture."""
    data = encoded(Image.fromarray(gradient(256, 256)), "JPEG2000")
    place = data.index(b"jp2c") - 4
    return data[:place] + struct.pack(">I4s", 8, b"free") * others + struct.pack(">I4s", 0, b"jp2c") + codestream


def strips(height: int) -> bytes:
    """A TIFF with a strip for each of 4,000 rows that says that it has fewer rows."""
    file = io.BytesIO()
    tifffile.imwrite(file, np.zeros((4000, 4), np.uint8), rowsperstrip=1)
    data = bytearray(file.getvalue())
    entry = data.index(struct.pack("<HHI", 257, 3, 1)) if struct.pack("<HHI", 257, 3, 1) in data else 0
    entry = entry or data.index(struct.pack("<HHI", 257, 4, 1))
    struct.pack_into("<I", data, entry + 8, height)
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        progressive(MOST_SCANS + 1),
        progressive(400, between=b"\xff\xfe\x00\x04\xff\xd9"),
        with_tiles(8),
        with_precincts(jpeg_2000(precinct_size=(128, 128)), 1),
        with_precincts(jpeg_2000(precinct_size=(128, 128)), 2),
        with_precincts_in_a_tile(),
        boxed(with_tiles(8), 3),
        strips(8),
    ],
    ids=[
        "scans",
        "end in a comment",
        "tiles",
        "precincts",
        "precincts of 4",
        "precincts of a tile",
        "in a box",
        "strips",
    ],
)
def test_a_file_that_costs_far_more_than_its_pixels_is_refused(data: bytes) -> None:
    for given in (data, Image.open(io.BytesIO(data))):
        with pytest.raises(PhotoError) as caught:
            open_photo(given)
        assert_one_sentence(caught.value, "far longer to decode than its size needs", "choose another copy")


@pytest.mark.parametrize(
    "data",
    [
        progressive(MOST_SCANS),
        encoded(Image.fromarray(gradient(64, 48)), "JPEG", progressive=True, comment=SOS * 200),
        encoded(Image.fromarray(gradient(64, 48)), "JPEG", progressive=True) + SOS * 200,
        encoded(Image.fromarray(gradient(64, 48)), "JPEG", restart_marker_blocks=1),
        with_tiles(256 // int(FREE_TILES**0.5)),
        bytes(jpeg_2000(precinct_size=(32, 32))),
        bytes(jpeg_2000(tile_size=(32, 32), num_resolutions=6)),
        boxed(bytes(jpeg_2000()), 3),
        strips(4000),
    ],
    ids=["scans", "comment", "trailer", "restarts", "tiles", "precincts", "small tiles", "in a box", "strips"],
)
def test_usual_files_are_read(data: bytes) -> None:
    assert open_photo(data).image.mode == "RGB"


def test_a_picture_behind_a_thousand_boxes_is_refused() -> None:
    with pytest.raises(PhotoError) as caught:
        open_photo(boxed(bytes(jpeg_2000()), 2000))
    assert_one_sentence(caught.value, "damaged", "choose another copy")
