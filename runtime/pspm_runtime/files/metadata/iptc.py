"""The IPTC data (IIM, inside Photoshop's image resources) that a result may carry."""

from collections.abc import Iterator
from typing import NamedTuple

from PIL import Image

_RESOURCE = 0x0404
_TIFF_IPTC, _TIFF_RESOURCES = 33723, 34377
_MARKER = 0x1C
_APPLICATION = 2
_CHARACTER_SET = (1, 90)
_UTF_8 = b"\x1b%G"
# Title, urgency of dates, author, headline, credit, source, copyright, caption.
_KEPT = (0, 5, 55, 60, 62, 63, 80, 85, 105, 110, 115, 116, 120)
# City, part of the city, province, country code, country.
_PLACE = (90, 92, 95, 100, 101)
_LONGEST = 4000


class Entry(NamedTuple):
    """One value of IPTC data: its record, its number in the record, and its bytes."""

    record: int
    number: int
    value: bytes


def iptc_of(image: Image.Image) -> bytes:
    """The IPTC data of a JPEG or a TIFF, empty for other pictures."""
    resources = image.info.get("photoshop")
    if isinstance(resources, dict):
        found = resources.get(_RESOURCE, b"")
        return found if isinstance(found, bytes) else b""
    tags = getattr(image, "tag_v2", {})
    found = tags.get(_TIFF_IPTC, b"")
    if not isinstance(found, bytes):
        # Some programs store it as numbers of 32 bits.
        found = b"".join(number.to_bytes(4, "little") for number in (found if isinstance(found, tuple) else (found,)))
    return found or _in_resources(tags.get(_TIFF_RESOURCES, b""))


def kept_iptc(found: bytes, *, gps: bool) -> bytes:
    """Dates, author, credit, source, copyright, title and description; the place only with `gps`."""
    numbers = (*_KEPT, *_PLACE) if gps else _KEPT
    entries = [
        entry
        for entry in read_entries(found)
        if entry[:2] == _CHARACTER_SET
        or (entry.record == _APPLICATION and entry.number in numbers and len(entry.value) <= _LONGEST)
    ]
    if not any(entry.record == _APPLICATION and entry.number for entry in entries):
        return b""
    return b"".join(
        bytes([_MARKER, entry.record, entry.number]) + len(entry.value).to_bytes(2, "big") + entry.value
        for entry in entries
    )


def read_entries(data: bytes) -> Iterator[Entry]:
    """Yield the entries of IPTC data, up to the first damaged one."""
    at = 0
    while at + 5 <= len(data) and data[at] == _MARKER:
        record, number = data[at + 1], data[at + 2]
        size = int.from_bytes(data[at + 3 : at + 5], "big")
        at += 5
        if size & 0x8000:  # the size has this many bytes
            count = size & 0x7FFF
            if count > 4:
                return
            size = int.from_bytes(data[at : at + count], "big")
            at += count
        if at + size > len(data):
            return
        yield Entry(record, number, data[at : at + size])
        at += size


def texts(data: bytes, number: int) -> list[str]:
    """The texts of all entries of a number in IPTC data, in UTF-8 or Latin-1."""
    entries = list(read_entries(data))
    utf_8 = Entry(*_CHARACTER_SET, _UTF_8) in entries
    found = [entry.value for entry in entries if (entry.record, entry.number) == (_APPLICATION, number)]
    return [value.decode("utf-8" if utf_8 else "latin-1", errors="replace") for value in found]


def in_jpeg(iptc: bytes) -> bytes:
    """The segment of a JPEG that holds IPTC data."""
    resource = b"8BIM" + _RESOURCE.to_bytes(2, "big") + bytes(2) + len(iptc).to_bytes(4, "big") + iptc
    content = b"Photoshop 3.0\0" + resource + bytes(len(iptc) % 2)
    return b"\xff\xed" + (2 + len(content)).to_bytes(2, "big") + content


def _in_resources(data: object) -> bytes:
    """The IPTC data in Photoshop's image resources."""
    if not isinstance(data, bytes):
        return b""
    at = 0
    while data[at : at + 4] == b"8BIM":
        kind = int.from_bytes(data[at + 4 : at + 6], "big")
        at += 6 + (data[at + 6] + 2) // 2 * 2 if at + 6 < len(data) else 6
        size = int.from_bytes(data[at : at + 4], "big")
        at += 4
        if kind == _RESOURCE:
            return data[at : at + size]
        at += size + size % 2
    return b""
