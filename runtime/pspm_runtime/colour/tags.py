"""Find the colour descriptions inside PNG, AVIF, HEIC and JPEG 2000 files that Pillow does not expose."""

import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

_PNG = b"\x89PNG\r\n\x1a\n"
_JP2 = b"\0\0\0\x0cjP  \r\n\x87\n"
_MOST_BOXES = 1000
_MOST_BYTES = 1 << 22


class CodePoints(NamedTuple):
    """Colour primaries and transfer characteristics of ITU-T H.273, and whether codes use the full range."""

    primaries: int
    transfer: int
    full_range: bool = True


def find_code_points(file: BinaryIO) -> CodePoints | None:
    """The cICP chunk of a PNG, or the nclx colour box of an AVIF or HEIC picture; None where there is none.

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
        colour = _box(_split(_top_box(file, b"jp2h")), b"colr")
    except (struct.error, IndexError):
        return None
    finally:
        file.seek(position)
    return colour[3:] if colour[:1] in (b"\2", b"\3") else None


def _from_png(file: BinaryIO) -> CodePoints | None:
    file.seek(len(_PNG))
    for _ in range(_MOST_BOXES):
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind in (b"IDAT", b"IEND"):
            return None
        if kind == b"cICP":
            primaries, transfer, matrix, full_range = struct.unpack(">4B", file.read(4))
            return CodePoints(primaries, transfer, full_range == 1) if matrix == 0 and length == 4 else None
        file.seek(length + 4, 1)
    return None


def _from_heif(file: BinaryIO) -> CodePoints | None:
    """The nclx box of the primary item (ISO/IEC 23008-12), or the first one where no box belongs to it."""
    boxes = list(_split(_top_box(file, b"meta")[4:]))
    properties = list(_split(_box(boxes, b"iprp")))
    values = list(_split(_box(properties, b"ipco")))
    own = _properties_of(_primary_item(_box(boxes, b"pitm")), _box(properties, b"ipma"))
    own_values = [values[index - 1] for index in own if 0 < index <= len(values)]
    for kind, value in own_values + values:
        if kind == b"colr" and value[:4] == b"nclx":
            primaries, transfer = struct.unpack(">HH", value[4:8])
            return CodePoints(primaries, transfer)
    return None


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


def _box(boxes: Iterable[tuple[bytes, bytes]], kind: bytes) -> bytes:
    """The content of the first box of a kind; raises IndexError where there is none."""
    for found, value in boxes:
        if found == kind:
            return value
    raise IndexError(f"no {kind!r} box")


def _top_box(file: BinaryIO, wanted: bytes) -> bytes:
    """The content of a file's first top box of a kind; raises IndexError where there is none."""
    file.seek(0)
    for _ in range(_MOST_BOXES):
        size, kind = struct.unpack(">I4s", file.read(8))
        used = 8
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
            used = 16
        if size and not used <= size < 1 << 62:
            break
        if kind == wanted:
            return file.read(min(size - used, _MOST_BYTES) if size else _MOST_BYTES)
        if not size:
            break
        file.seek(size - used, 1)
    raise IndexError(f"no {wanted!r} box")


def _split(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of the boxes in the bytes."""
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        if size < 8:
            return
        yield kind, data[at + 8 : at + size]
        at += size
