"""Find the colour descriptions inside PNG, AVIF, HEIC and JPEG 2000 files that Pillow does not expose."""

import struct
from collections.abc import Iterable
from typing import BinaryIO, NamedTuple

from pspm_runtime.colour.av1 import colour_points
from pspm_runtime.colour.boxes import Box, box, inner_box, split, top_box

_PNG = b"\x89PNG\r\n\x1a\n"
_JP2 = b"\0\0\0\x0cjP  \r\n\x87\n"
_MOST_CHUNKS = 1000
_MOST_ITEMS = 4096
# Fields of a visual sample entry, and of an AV1 configuration, before what follows them.
_SAMPLE_ENTRY, _AV1_CONFIGURATION = 78, 4
# A sequence header is far smaller.
_HEADER_BYTES = 512


class CodePoints(NamedTuple):
    """Colour primaries and transfer characteristics of ITU-T H.273, and whether codes use the full range."""

    primaries: int
    transfer: int
    full_range: bool = True


def find_code_points(file: BinaryIO) -> CodePoints | None:
    """The cICP chunk of a PNG, the nclx box of an AVIF or HEIC picture, or what its AV1 stream says; None without.

    file: seekable; its position is restored. Damaged files give None.
    """
    position = file.tell()
    try:
        file.seek(0)
        head = file.read(12)
        if head.startswith(_PNG):
            return _from_png(file)
        return _from_heif(file) if head[4:8] == b"ftyp" else None
    except (struct.error, IndexError):
        return None
    finally:
        file.seek(position)


def find_jpeg_2000_profile(file: BinaryIO) -> bytes | None:
    """The ICC profile of a JPEG 2000 picture (JP2); see `find_code_points`."""
    position = file.tell()
    try:
        file.seek(0)
        if file.read(12) != _JP2:
            return None
        colour = inner_box(top_box(file, b"jp2h"), b"colr")
    except (struct.error, IndexError):
        return None
    finally:
        file.seek(position)
    return colour[3:] if colour[:1] in (b"\2", b"\3") else None


def _from_png(file: BinaryIO) -> CodePoints | None:
    file.seek(len(_PNG))
    for _ in range(_MOST_CHUNKS):
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind in (b"IDAT", b"IEND"):
            return None
        if kind == b"cICP":
            primaries, transfer, matrix, full_range = struct.unpack(">4B", file.read(4))
            return CodePoints(primaries, transfer, full_range == 1) if matrix == 0 and length == 4 else None
        file.seek(length + 4, 1)
    return None


def _from_heif(file: BinaryIO) -> CodePoints | None:
    """The colours of the primary picture, or of the first track of a sequence that has none."""
    try:
        return _from_items(top_box(file, b"meta")[4:], file)
    except (struct.error, IndexError):
        return _from_track(top_box(file, b"moov"))


def _from_items(meta: bytes, file: BinaryIO) -> CodePoints | None:
    """The nclx box of the primary item (ISO/IEC 23008-12), else the first nclx box, else what the AV1 stream says."""
    boxes = list(split(meta))
    properties = list(split(box(boxes, b"iprp")))
    values = list(split(box(properties, b"ipco")))
    item = _primary_item(box(boxes, b"pitm"))
    own = [values[index - 1] for index in _properties_of(item, box(properties, b"ipma")) if 0 < index <= len(values)]
    if found := _nclx(own + values):
        return found
    if not any(kind == b"av1C" for kind, _ in values):
        return None
    return _from_av1(_coded_bytes(item, boxes, file))


def _from_track(movie: bytes) -> CodePoints | None:
    """The nclx box of the first track that holds pictures, else what its AV1 stream says."""
    for kind, track in split(movie):
        if kind != b"trak":
            continue
        media = inner_box(track, b"mdia")
        # The handler's type; auxiliary tracks hold transparency.
        if inner_box(media, b"hdlr")[8:12] in (b"pict", b"vide"):
            entry = inner_box(inner_box(media, b"minf", b"stbl", b"stsd")[8:], b"av01")
            boxes = list(split(entry[_SAMPLE_ENTRY:]))
            return _nclx(boxes) or _from_av1(box(boxes, b"av1C")[_AV1_CONFIGURATION:])
    return None


def _nclx(boxes: Iterable[Box]) -> CodePoints | None:
    for kind, value in boxes:
        if kind == b"colr" and value[:4] == b"nclx":
            primaries, transfer = struct.unpack(">HH", value[4:8])
            return CodePoints(primaries, transfer)
    return None


def _from_av1(units: bytes) -> CodePoints | None:
    points = colour_points(units)
    return CodePoints(*points) if points else None


def _coded_bytes(item: int, boxes: list[Box], file: BinaryIO) -> bytes:
    """The first bytes of an item's coded picture; for a grid, those of its first tile. Raises IndexError."""
    tiles = _tiles_of(item, dict(boxes).get(b"iref", b""))
    offset = _offset_of(tiles[0] if tiles else item, box(boxes, b"iloc"))
    file.seek(offset)
    return file.read(_HEADER_BYTES)


def _tiles_of(item: int, value: bytes) -> list[int]:
    """The items that an item is made of, by the iref box."""
    wide = 4 if value[:1] == b"\1" else 2
    for kind, reference in split(value[4:]):
        if kind == b"dimg" and int.from_bytes(reference[:wide], "big") == item:
            count = int.from_bytes(reference[wide : wide + 2], "big")
            starts = range(wide + 2, wide + 2 + count * wide, wide)
            return [int.from_bytes(reference[at : at + wide], "big") for at in starts]
    return []


def _offset_of(item: int, value: bytes) -> int:
    """Where in the file the data of an item begin, by the iloc box. Raises IndexError for other places."""
    version = value[0]
    offset_size, length_size, base_size = value[4] >> 4, value[4] & 15, value[5] >> 4
    index_size = value[5] & 15 if version else 0
    numbers = _Numbers(value[6:])
    wide = 2 if version < 2 else 4
    for _ in range(min(numbers.read(wide), _MOST_ITEMS)):
        owner = numbers.read(wide)
        method = numbers.read(2) & 15 if version else 0
        numbers.read(2)
        base = numbers.read(base_size)
        extents = []
        for _ in range(min(numbers.read(2), _MOST_ITEMS)):
            numbers.read(index_size)
            extents.append(numbers.read(offset_size))
            numbers.read(length_size)
        if owner == item and method == 0:
            return base + extents[0]
    raise IndexError(f"no place of item {item}")


class _Numbers:
    """Reads big-endian numbers one after the other; raises IndexError behind the end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def read(self, size: int) -> int:
        value = self._data[self._at : self._at + size]
        if len(value) < size:
            raise IndexError("cut short")
        self._at += size
        return int.from_bytes(value, "big")


def _primary_item(value: bytes) -> int:
    return int.from_bytes(value[4:6] if value[0] == 0 else value[4:8], "big")


def _properties_of(item: int, value: bytes) -> list[int]:
    """The numbers (from 1) of the properties that an ipma box associates with an item."""
    wide_items, wide_numbers = value[0] > 0, value[3] & 1
    (count,) = struct.unpack(">I", value[4:8])
    at = 8
    for _ in range(min(count, len(value))):
        owner = int.from_bytes(value[at : at + (4 if wide_items else 2)], "big")
        at += 4 if wide_items else 2
        size = 2 if wide_numbers else 1
        stop = at + 1 + size * value[at]
        if owner == item:
            # The top bit says that the property is essential.
            mask = (1 << (8 * size - 1)) - 1
            return [int.from_bytes(value[i : i + size], "big") & mask for i in range(at + 1, stop, size)]
        at = stop
    return []
