"""Boxes of the ISO base media file format, which AVIF, HEIC and JPEG 2000 are made of."""

import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO

Box = tuple[bytes, bytes]

_MOST_BOXES = 1000
_MOST_BYTES = 1 << 22


def top_box(file: BinaryIO, wanted: bytes) -> bytes:
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


def box(boxes: Iterable[Box], kind: bytes) -> bytes:
    """The content of the first box of a kind; raises IndexError where there is none."""
    for found, value in boxes:
        if found == kind:
            return value
    raise IndexError(f"no {kind!r} box")


def inner_box(data: bytes, *path: bytes) -> bytes:
    """The content of the box at the end of a path of boxes, each inside the one before; raises IndexError."""
    for kind in path:
        data = box(split(data), kind)
    return data


def split(data: bytes) -> Iterator[Box]:
    """Kind and content of the boxes in the bytes."""
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        if size < 8:
            return
        yield kind, data[at + 8 : at + size]
        at += size
