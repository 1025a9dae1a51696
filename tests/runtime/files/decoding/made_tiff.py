"""TIFF files put together tag by tag, for kinds that no library writes."""

import struct
from collections.abc import Mapping, Sequence

import numpy as np

SHORT, LONG, RATIONAL, BYTE = 3, 4, 5, 1
_LETTERS = {BYTE: "B", SHORT: "H", LONG: "I"}


def tiff_of(
    size: tuple[int, int], data: bytes, tags: Mapping[int, int | Sequence[int]], order: str = "<", **rational: float
) -> bytes:
    """A TIFF of one strip. tags: numbers, all as SHORT. rational: tags such as t529=(0.299, 0.587, 0.114)."""
    entries: dict[int, tuple[int, bytes]] = {}

    def add(tag: int, kind: int, values: Sequence[int]) -> None:
        entries[tag] = kind, struct.pack(f"{order}{len(values)}{_LETTERS[kind]}", *values)

    for tag, value in {256: size[0], 257: size[1], 278: size[1], 259: 1, 262: 1, 277: 1, 258: 8, **tags}.items():
        add(tag, SHORT, [value] if isinstance(value, int) else value)
    for name, numbers in rational.items():
        parts = [part for number in np.ravel(numbers) for part in (round(number * 10_000), 10_000)]
        entries[int(name[1:])] = RATIONAL, struct.pack(f"{order}{len(parts)}I", *parts)
    add(279, LONG, [len(data)])
    add(273, LONG, [0])
    outside = 8 + 2 + 12 * len(entries) + 4
    place = outside + sum(len(value) for _, value in entries.values() if len(value) > 4)
    add(273, LONG, [place])
    table, rest = struct.pack(f"{order}H", len(entries)), b""
    for tag, (kind, value) in sorted(entries.items()):
        count = len(value) // {BYTE: 1, SHORT: 2, LONG: 4, RATIONAL: 8}[kind]
        table += struct.pack(f"{order}HHI", tag, kind, count)
        table += value.ljust(4, b"\0") if len(value) <= 4 else struct.pack(f"{order}I", outside + len(rest))
        rest += value if len(value) > 4 else b""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    return head + table + bytes(4) + rest + data


def packed(values: np.ndarray, bits: int, *, reverse: bool = False) -> bytes:
    """Rows of values with a few bits each, padded to bytes; reverse: the lowest bit comes first (fill order 2)."""
    planes = (values[..., None] >> np.arange(bits)[::-1]) & 1
    rows = planes.reshape(len(values), -1).astype(np.uint8)
    return np.packbits(rows, axis=1, bitorder="little" if reverse else "big").tobytes()
