"""Encode a result and write it to its file."""

import io
import os
import stat
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, features

from pspm_runtime.constants import QUALITY
from pspm_runtime.errors import OutputError
from pspm_runtime.files.atomic_write import UNFINISHED, atomic_write
from pspm_runtime.files.encoding.deflate import fast_zlib
from pspm_runtime.files.encoding.encode_tiff import encode_tiff
from pspm_runtime.files.encoding.wide_image import WideImage, pixels_of, profile_in
from pspm_runtime.files.jpeg_xl import check_encoder, encode_jpeg_xl
from pspm_runtime.files.metadata.iptc import in_jpeg
from pspm_runtime.files.metadata.metadata import Metadata

FORMATS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".avif": "AVIF",
    ".jxl": "JXL",
}
WITH_16_BITS = ("PNG", "TIFF")
LOSSY = ("JPEG", "WEBP", "AVIF", "JXL")
# Of libjpeg, which prints an error beyond it.
_LONGEST_JPEG = 65_500
NO_METADATA = Metadata()
STRIP = 64

# Grey, RGB and RGBA by the number of their channels.
_COLOUR_TYPES = {1: 0, 3: 2, 4: 6}
_FILTER_UP = 2


def check_output(path: Path, *, transparent: bool) -> None:
    """Raise OutputError if the suffix names no format, or a format without transparency where it is needed."""
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise OutputError(f"{path} does not end in a known format; use one of {', '.join(FORMATS)}")
    if transparent and FORMATS[suffix] == "JPEG":
        raise OutputError(f"{path} would be a JPEG, which cannot hold transparency; use .png or .webp")
    if FORMATS[suffix] == "AVIF" and not features.check("avif"):
        raise OutputError(
            f"{path} would be an AVIF, which this version of Pillow cannot write; update it, or use .webp"
        )
    if FORMATS[suffix] == "JXL":
        check_encoder(str(path))


def encode(
    image: Image.Image | WideImage, suffix: str, quality: int = QUALITY, metadata: Metadata = NO_METADATA
) -> bytes:
    """Encode an image for a suffix of `FORMATS`, with its colour profile if it has one.

    image: L, RGB or RGBA; with 16 bits a channel for PNG and TIFF only, see `WITH_16_BITS`.

    quality: from 1 to 100, for JPEG, WebP, AVIF and JPEG XL. metadata: what to carry of the photo's, see
    `read_metadata`. Raises OutputError for a size that the format cannot hold.
    """
    kind = FORMATS[suffix.lower()]
    if kind == "PNG":
        return encode_png(image, metadata)
    if kind == "TIFF":
        return encode_tiff(image, metadata)
    if isinstance(image, WideImage):
        raise OutputError(f"a {kind} file holds 8 bits a channel; use .png or .tif for 16")
    size = f"{image.width} x {image.height} pixels"
    if kind == "JPEG" and max(image.size) > _LONGEST_JPEG:
        raise OutputError(f"a result of {size} cannot be a JPEG file (at most {_LONGEST_JPEG:,} a side); use .png")
    try:
        if kind == "JXL":
            return encode_jpeg_xl(image, quality, metadata.exif, metadata.xmp)
        buffer = io.BytesIO()
        # Each kind of metadata is given, so that Pillow takes none from the image.
        options: dict[str, Any] = {"exif": metadata.exif, "xmp": metadata.xmp, "quality": quality}
        if kind == "JPEG":
            options |= {"dpi": metadata.dpi or (0, 0), "comment": b""}
            options["extra"] = in_jpeg(metadata.iptc) if metadata.iptc else b""
        image.save(buffer, kind, icc_profile=image.info.get("icc_profile"), **options)
    except (OSError, ValueError) as error:
        raise OutputError(f"a result of {size} cannot be a {kind} file ({error}); use .png") from None
    return buffer.getvalue()


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


def write(
    data: bytes,
    path: Path,
    *,
    force: bool,
    unfinished: str = UNFINISHED,
    before_naming: Callable[[Path], None] | None = None,
) -> None:
    """Write a file whole or not at all, see `atomic_write`.

    A file that is replaced keeps its permissions. If the path is a link, the file that it leads to is replaced.
    unfinished: how the temporary name begins. before_naming: called with the temporary path of the complete file, just
    before it gets its name; an exception of it stops that.
    Raises OutputError if the file exists and `force` is not given, and if it cannot be written.
    """
    try:
        if path.is_dir():
            raise OutputError(f"{path} is a folder; give the name of a file")
        target = Path(os.path.realpath(path)) if force else path
        with atomic_write(target, replace=force, prefix=unfinished) as temporary:
            temporary.write_bytes(data)
            if force and target.exists():
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            if before_naming:
                before_naming(temporary)
    except OSError as error:
        if isinstance(error, FileExistsError) and os.path.lexists(path):
            raise OutputError(f"{path} exists already; give --force to replace it, or choose another name") from None
        raise OutputError(f"{path} cannot be written: {error.strerror}; choose another place") from None
