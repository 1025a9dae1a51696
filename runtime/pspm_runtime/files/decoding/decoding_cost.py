"""Refuse files that take far more time or memory to decode than their pixels need."""

import re
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

from PIL import Image

from pspm_runtime.colour.boxes import top_box
from pspm_runtime.errors import PhotoError

# Each scan of a JPEG goes over all pixels. Encoders write about ten; libtiff has the same limit.
MOST_SCANS = 100
# A JPEG 2000 tile takes about 9 kB, a precinct about 1 kB.
FREE_TILES, PIXELS_PER_TILE = 256, 4096
FREE_PRECINCTS, PIXELS_PER_PRECINCT = 4096, 256
# Strips and tiles of a TIFF that are not compressed: Pillow takes 20 microseconds for each.
FREE_STRIPS, PIXELS_PER_STRIP = 64, 256

_SOI, _SOS, _EOI = 0xD8, 0xDA, 0xD9
# A marker that ends the data of a scan: no zero for a data byte, no restart, no filler.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SOC, _SIZ, _COD, _COC, _SOT, _SOD = 0xFF4F, 0xFF51, 0xFF52, 0xFF53, 0xFF90, 0xFF93
_SHORTEST_TILE_PART = 12


def check_decoding_cost(image: Image.Image, file: BinaryIO, name: str) -> None:
    """Raise PhotoError for a file that was made to exhaust time or memory. Its position is restored.

    JPEG: scans. JPEG 2000: tiles and precincts. TIFF: strips and tiles. The decoders of other formats limit themselves.
    """
    position = file.tell()
    try:
        if image.format in ("JPEG", "MPO"):
            too_costly = _has_many_scans(file)
        elif image.format == "JPEG2000":
            too_costly = _has_many_parts(image, file)
        elif image.format == "TIFF":
            too_costly = _has_many_strips(image)
        else:
            return
    except struct.error:  # cut short, which the decoder reports
        return
    except IndexError:
        raise PhotoError(f"{name} is damaged (a part of its header is missing); choose another copy of it") from None
    finally:
        file.seek(position)
    if too_costly:
        raise PhotoError(f"{name} would take far longer to decode than its size needs; choose another copy of it")


def _has_many_scans(file: BinaryIO) -> bool:
    """Whether a JPEG has more than `MOST_SCANS`. One whose first scan holds all channels has one scan that counts."""
    channels, progressive = 0, False
    for marker, start, length in _segments(file):
        if marker in _FRAMES:
            progressive = marker % 4 == 2
            file.seek(start + 5)
            channels = file.read(1)[0]
        elif marker == _SOS:
            file.seek(start)
            if file.read(1)[0] == channels and not progressive:
                return False
            file.seek(start + length)
            return _count_scans(file.read()) >= MOST_SCANS
    return False


def _segments(file: BinaryIO) -> Iterator[tuple[int, int, int]]:
    """Marker, place and length of the segments of a JPEG up to its end, without scanning the data of scans."""
    at = 2
    while True:
        file.seek(at)
        head, marker = struct.unpack(">BB", file.read(2))
        if head != 0xFF or marker in (0xFF, 0x01, *range(0xD0, 0xD8)):  # fillers, which decoders skip
            at += 1 if head != 0xFF or marker == 0xFF else 2
            continue
        if marker in (_SOI, _EOI):
            return
        (length,) = struct.unpack(">H", file.read(2))
        yield marker, at + 4, max(0, length - 2)
        at += 2 + max(2, length)


def _count_scans(data: bytes) -> int:
    """How many more scans follow the data of a scan, at most `MOST_SCANS`."""
    at = scans = 0
    while scans < MOST_SCANS and (found := _NEXT_MARKER.search(data, at)):
        marker = data[found.end() - 1]
        if marker == _EOI:
            break
        scans += marker == _SOS
        at = found.end() + int.from_bytes(data[found.end() : found.end() + 2], "big")
    return scans


def _has_many_parts(image: Image.Image, file: BinaryIO) -> bool:
    """Whether a JPEG 2000 picture has far too many tiles or precincts."""
    width, height = image.size
    tiles = 1
    for marker, content in _jpeg_2000_segments(file):
        if marker == _SIZ:
            right, bottom, left, top, across, down = struct.unpack(">6I", content[2:26])
            tiles = -(-(right - left) // max(1, across)) * -(-(bottom - top) // max(1, down))
            if tiles > FREE_TILES + width * height / PIXELS_PER_TILE:
                return True
        elif marker in (_COD, _COC):
            flags, levels, sides = (0, 5, 10) if marker == _COD else (1, 2, 7)
            precincts = content[sides:] if content[flags] & 1 else bytes([0xFF]) * (content[levels] + 1)
            if _precincts(width, height, tiles, precincts) > FREE_PRECINCTS + width * height / PIXELS_PER_PRECINCT:
                return True
    return False


def _precincts(width: int, height: int, tiles: int, sides: bytes) -> int:
    """How many precincts a channel has. sides: powers of two of width and height, for each resolution."""
    halvings = range(len(sides) - 1, -1, -1)
    return sum(
        max(tiles, (width >> halved + (side & 15)) * (height >> halved + (side >> 4)))
        for halved, side in zip(halvings, sides, strict=True)
    )


def _jpeg_2000_segments(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Marker and content of the segments in the header of a JPEG 2000 picture and in those of its tiles."""
    file.seek(0)
    start = 0
    if file.read(2) != struct.pack(">H", _SOC):
        content = top_box(file, b"jp2c")  # also refuses a picture behind a thousand other boxes
        start = file.tell() - len(content)
    at, part, size = start + 2, 0, 0
    while True:
        file.seek(at)
        marker, length = struct.unpack(">HH", file.read(4))
        if marker == _SOD:
            if not size:
                return
            at, size = part + size, 0  # only a tile part that has a header of its own may follow
            continue
        content = file.read(max(0, length - 2))
        yield marker, content
        if marker == _SOT:
            (size,) = struct.unpack(">I", content[2:6])
            if 0 < size <= _SHORTEST_TILE_PART:
                return
            part = at
        at += 2 + max(2, length)


def _has_many_strips(image: Any) -> bool:
    channels = len(image.getbands())
    most = FREE_STRIPS + channels * max(image.height, image.width * image.height / PIXELS_PER_STRIP)
    return len(image.tile) > most
