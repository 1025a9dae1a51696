"""Damage files: at random places, and along the structure of their formats."""

import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from typing import Any

_NUMBERS = (0, 1, 2, 3, 4, 7, 8, 16, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 300_000, 300_001)
_NUMBERS += (2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1)
_PNG_HEAD = 8
_MOST = 1 << 20


def mutate(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Damage a file one to four times; `others` are files to take parts from."""
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        data = rng.choice(_ways(data))(data, others, rng)[:_MOST]
    return data


def _ways(data: bytes) -> list["_Way"]:
    ways: list[_Way] = [_cut, _flip_bits, _overwrite, _number, _number_in_header, _repeat, _remove, _splice, _swap]
    for head, more in _OF_FORMATS:
        if data.startswith(head) or (head == b"ftyp" and data[4:8] == head):
            ways += 3 * [more]
    return ways


_Way = Callable[[bytes, Sequence[bytes], random.Random], bytes]


def _place(data: bytes, rng: random.Random) -> int:
    return rng.randrange(max(1, len(data)))


def _cut(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    return data[: _place(data, rng)]


def _flip_bits(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    damaged = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        if damaged:
            damaged[_place(data, rng)] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def _overwrite(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    start, length = _place(data, rng), rng.choice((1, 4, 16, 100, 400))
    run = rng.choice((b"\0", b"\xff", b"\x7f", b"0", b" ")) * length
    return data[:start] + (run if rng.random() < 0.6 else rng.randbytes(length)) + data[start + length :]


def _packed(rng: random.Random) -> bytes:
    number, size = rng.choice(_NUMBERS), rng.choice((1, 2, 4, 4, 8))
    return (number % (1 << (8 * size))).to_bytes(size, rng.choice(("little", "big")))


def _number(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    start, number = _place(data, rng), _packed(rng)
    return data[:start] + number + data[start + len(number) :]


def _number_in_header(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    start, number = rng.randrange(64), _packed(rng)
    return data[:start] + number + data[start + len(number) :]


def _repeat(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    start, length = _place(data, rng), rng.choice((1, 8, 50, 500))
    return data[:start] + data[start : start + length] * rng.choice((2, 2, 20)) + data[start + length :]


def _remove(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    start = _place(data, rng)
    return data[:start] + data[start + rng.choice((1, 2, 8, 50, 500)) :]


def _splice(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    other = rng.choice(others)
    return data[: _place(data, rng)] + other[_place(other, rng) :]


def _swap(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    a, b, c = sorted(_place(data, rng) for _ in range(3))
    return data[:a] + data[b:c] + data[a:b] + data[c:]


def _rearrange(parts: list[Any], rng: random.Random, foreign: Sequence[Any]) -> None:
    """Remove, repeat, exchange or add a part of a file."""
    if not parts:
        return
    i, j = rng.randrange(len(parts)), rng.randrange(len(parts))
    way = rng.randrange(4)
    if way == 0:
        del parts[i]
    elif way == 1:
        parts[i:i] = [parts[j]] * rng.choice((1, 1, 30))
    elif way == 2:
        parts[i], parts[j] = parts[j], parts[i]
    elif foreign:
        parts.insert(i, rng.choice(foreign))


def _png(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Damage chunks, with right checksums, so that decoders look at them."""
    chunks = _png_chunks(data)
    if rng.random() < 0.4:
        _rearrange(chunks, rng, [c for other in others if other.startswith(b"\x89PNG") for c in _png_chunks(other)])
    elif chunks:
        i = rng.randrange(len(chunks)) if rng.random() < 0.6 else 0
        kind, value = chunks[i]
        if kind == b"IDAT" and rng.random() < 0.5:
            value = zlib.compress(_plain_damage(_inflated(value), rng))
        chunks[i] = kind, _plain_damage(value, rng)
    parts = (struct.pack(">I", len(v)) + k + v + struct.pack(">I", zlib.crc32(k + v)) for k, v in chunks)
    return data[:_PNG_HEAD] + b"".join(parts)


def _plain_damage(value: bytes, rng: random.Random) -> bytes:
    return rng.choice((_flip_bits, _number, _overwrite, _cut, _repeat))(value, [value], rng)


def _inflated(value: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(value, _MOST)
    except zlib.error:
        return value


def _png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    chunks, at = [], _PNG_HEAD
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return chunks


def _jpeg(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Damage the segments of a JPEG; their lengths stay right."""
    segments, rest = _jpeg_segments(data)
    if rng.random() < 0.5:
        _rearrange(segments, rng, [s for other in others if other[:2] == b"\xff\xd8" for s in _jpeg_segments(other)[0]])
    elif segments:
        i = rng.randrange(len(segments))
        marker, value = segments[i]
        segments[i] = rng.choice((marker, marker, rng.randrange(0xC0, 0x100))), _plain_damage(value, rng)
    head = (struct.pack(">BBH", 255, marker, len(value[:65533]) + 2) + value[:65533] for marker, value in segments)
    return b"\xff\xd8" + b"".join(head) + rest


def _jpeg_segments(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Marker and content of the segments, and what follows the first scan's header."""
    segments, at = [], 2
    while at + 4 <= len(data) and data[at] == 255:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        segments.append((marker, data[at + 4 : at + 2 + length]))
        at += 2 + max(2, length)
        if marker == 0xDA:
            break
    return segments, data[at:]


def _tiff(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Change the number, type, count or value of an entry of a directory."""
    order = ">" if data[:2] == b"MM" else "<"
    if len(data) < 8:
        return data
    start = int(struct.unpack(order + "I", data[4:8])[0])
    if start + 2 > len(data):
        return data
    (count,) = struct.unpack(order + "H", data[start : start + 2])
    entry = start + 2 + 12 * rng.randrange(max(1, count))
    offset, size = rng.choice(((0, 2), (2, 2), (4, 4), (8, 4), (8, 2)))
    number = rng.choice((*_NUMBERS, *range(13), 256, 257, 258, 259, 262, 273, 277, 279, 284, 317, 322, 338, 339))
    packed = (number % (1 << (8 * size))).to_bytes(size, "big" if order == ">" else "little")
    return data[: entry + offset] + packed + data[entry + offset + size :]


def _boxes(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Damage the top boxes of an AVIF or JP2, or the chunks of a WebP; the sizes stay right."""
    riff = data.startswith(b"RIFF")
    boxes = _split_boxes(data)
    if rng.random() < 0.5:
        _rearrange(boxes, rng, [box for other in others if other[:4] == data[:4] for box in _split_boxes(other)])
    elif boxes:
        i = rng.randrange(len(boxes))
        kind, value = boxes[i]
        boxes[i] = kind, _plain_damage(value, rng)
    if riff:
        body = b"".join(k + struct.pack("<I", len(v)) + v + b"\0" * (len(v) % 2) for k, v in boxes)
        return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
    return b"".join(struct.pack(">I", len(v) + 8) + k + v for k, v in boxes)


def _split_boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    riff = data.startswith(b"RIFF")
    boxes, at = [], 12 if riff else 0
    while at + 8 <= len(data):
        if riff:
            kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
            boxes.append((kind, data[at + 8 : at + 8 + size]))
            at += 8 + size + size % 2
        else:
            size, kind = max(8, int.from_bytes(data[at : at + 4], "big")), data[at + 4 : at + 8]
            boxes.append((kind, data[at + 8 : at + size]))
            at += size
    return boxes


_STRANGE = (None, True, 0, -1, 1, 7.5, 1e308, 10**30, "", "x", "../x", "\0", [], {}, [[]], "0" * 64, [1, 2, 3], "NaN")


def _json(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Replace, remove or add a value."""
    try:
        facts = json.loads(data)
    except (ValueError, RecursionError):
        return data
    where: Any = facts
    while isinstance(where, dict | list) and where:
        key: Any = rng.choice(list(where)) if isinstance(where, dict) else rng.randrange(len(where))
        if isinstance(where[key], dict | list) and where[key] and rng.random() < 0.6:
            where = where[key]
            continue
        if rng.random() < 0.3:
            del where[key]
        else:
            where[key] = rng.choice((*_STRANGE, float("nan"), float("inf")))
        break
    return json.dumps(facts).encode()


def _zip(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Damage the content of a file of an archive, or pack the archive again."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = [(name, archive.read(name)) for name in archive.namelist()]
    except Exception:  # the archive is damaged already
        return data
    if rng.random() < 0.2:
        _rearrange(files, rng, files)
    elif files:
        i = rng.choice((0, rng.randrange(len(files))))
        files[i] = files[i][0], _plain_damage(files[i][1], rng)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", rng.choice((zipfile.ZIP_STORED,) * 4 + (zipfile.ZIP_DEFLATED,))) as archive:
        for name, value in dict(files).items():
            archive.writestr(name, value)
    return packed.getvalue()


_OF_FORMATS: tuple[tuple[bytes, _Way], ...] = (
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"\xff\xd8", _jpeg),
    (b"II*\0", _tiff),
    (b"MM\0*", _tiff),
    (b"RIFF", _boxes),
    (b"ftyp", _boxes),
    (b"\0\0\0\x0cjP  ", _boxes),
    (b"{", _json),
    (b"PK", _zip),
)
