"""PNG files of 8 or 16 bits a channel."""

import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image

from pspm_runtime.files.encoding.deflate import fast_zlib
from pspm_runtime.files.encoding.wide_image import WideImage, pixels_of, profile_in
from pspm_runtime.files.metadata.metadata import NO_METADATA, Metadata

STRIP = 64
# Grey, RGB and RGBA by the number of their channels.
_COLOUR_TYPES = {1: 0, 3: 2, 4: 6}
_FILTER_UP = 2


def encode_png(image: Image.Image | WideImage, metadata: Metadata = NO_METADATA) -> bytes:
    """Encode an image as PNG, with the filter "up" on every row and a fast deflate.

    Pillow tries all five filters on every row and deflates slowly. For a 12-megapixel matte that takes about ten times
    as long and gives a file of about the same size.
    """
    # Joined once, because the memory of a copy costs more than the copy.
    return b"".join([png_head(image, metadata), *_chunk(b"IDAT", _deflated(image)), *_chunk(b"IEND", [])])


def png_head(image: Image.Image | WideImage, metadata: Metadata) -> bytes:
    """What comes before the pixels of a PNG."""
    bits, channels = (16, image.channels) if isinstance(image, WideImage) else (8, len(image.getbands()))
    chunks = [chunk(b"IHDR", struct.pack(">IIBBBBB", *image.size, bits, _COLOUR_TYPES[channels], 0, 0, 0))]
    if profile := profile_in(image):
        chunks.append(chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(profile)))
    if dpi := metadata.dpi:
        chunks.append(chunk(b"pHYs", struct.pack(">IIB", *(round(dots / 0.0254) for dots in dpi), 1)))
    if metadata.exif:
        chunks.append(chunk(b"eXIf", metadata.exif.removeprefix(b"Exif\0\0")))
    if metadata.xmp:
        chunks.append(chunk(b"iTXt", b"XML:com.adobe.xmp" + bytes(5) + metadata.xmp))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def deflated_rows(image: Image.Image | WideImage) -> bytes:
    """Deflate the rows, each as its difference from the row above."""
    return b"".join(_deflated(image))


def _deflated(image: Image.Image | WideImage) -> list[bytes]:
    """`deflated_rows` in parts, from strips that fit the cache."""
    deflate = fast_zlib.compressobj(1)
    height = image.size[1]
    above: Any = 0
    parts = []
    for top in range(0, height, STRIP):
        bottom = min(top + STRIP, height)
        pixels = pixels_of(image, top, bottom)
        pixels = pixels if pixels.dtype == np.uint8 else pixels.astype(">u2").view(np.uint8)
        pixels = pixels.reshape(bottom - top, -1)
        rows = np.empty((bottom - top, pixels.shape[1] + 1), np.uint8)
        rows[:, 0] = _FILTER_UP
        np.subtract(pixels[0], above, out=rows[0, 1:])
        np.subtract(pixels[1:], pixels[:-1], out=rows[1:, 1:])
        above = pixels[-1]
        parts.append(deflate.compress(rows.data))
    return [*parts, deflate.flush()]


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return b"".join(_chunk(kind, [data]))


def _chunk(kind: bytes, parts: list[bytes]) -> list[bytes]:
    """A chunk of a PNG in parts, from the parts of its data."""
    checksum = fast_zlib.crc32(kind)
    for part in parts:
        checksum = fast_zlib.crc32(part, checksum)
    return [struct.pack(">I", sum(map(len, parts))), kind, *parts, struct.pack(">I", checksum)]
