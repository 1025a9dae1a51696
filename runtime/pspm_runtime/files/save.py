"""Encode a result and put it in place in one step: a file is whole or it is not there."""

import io
import os
import struct
import tempfile
import zlib
from pathlib import Path

import numpy as np
from isal import isal_zlib
from PIL import Image

from pspm_runtime.errors import OutputError

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF"}
QUALITY = 92
STRIP = 64

_COLOUR_TYPE = {"L": 0, "RGB": 2, "RGBA": 6}
_FILTER_UP = 2


def check_output(path: Path, *, transparent: bool) -> None:
    """Raise OutputError where the suffix names no format, or one that cannot hold transparency when that is needed."""
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise OutputError(f"{path} does not end in a known format; use one of {', '.join(FORMATS)}")
    if transparent and FORMATS[suffix] == "JPEG":
        raise OutputError(f"{path} would be a JPEG, which cannot hold transparency; use .png or .webp")


def encode(image: Image.Image, suffix: str) -> bytes:
    """The file's bytes for a suffix of `FORMATS`, with the image's colour profile where it has one."""
    kind = FORMATS[suffix.lower()]
    if kind == "PNG":
        return encode_png(image)
    buffer = io.BytesIO()
    options = {"quality": QUALITY} if kind in ("JPEG", "WEBP") else {"compression": "tiff_lzw"}
    try:
        image.save(buffer, kind, icc_profile=image.info.get("icc_profile"), **options)
    except (OSError, ValueError) as error:
        size = f"{image.width} x {image.height} pixels"
        raise OutputError(f"a result of {size} cannot be a {kind} file ({error}); use .png") from None
    return buffer.getvalue()


def encode_png(image: Image.Image) -> bytes:
    """PNG of an L, RGB or RGBA image: every row as its difference from the row above, and a fast deflate.

    Pillow tries all five filters on every row and then deflates slowly; on a 12-megapixel matte that takes about
    ten times as long for a file of about the same size.
    """
    header = struct.pack(">IIBBBBB", *image.size, 8, _COLOUR_TYPE[image.mode], 0, 0, 0)
    chunks = [_chunk(b"IHDR", header)]
    if profile := image.info.get("icc_profile"):
        chunks.append(_chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(profile)))
    chunks += [_chunk(b"IDAT", _deflated_rows(image)), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _deflated_rows(image: Image.Image) -> bytes:
    """Every row but the first as what it adds to the row above; in strips, so that the work stays in the cache."""
    deflate = isal_zlib.compressobj(1)
    width, height = image.size
    above = np.zeros(width * len(image.getbands()), np.uint8)
    parts = []
    for top in range(0, height, STRIP):
        bottom = min(top + STRIP, height)
        pixels = np.asarray(image.crop((0, top, width, bottom))).reshape(bottom - top, -1)
        rows = np.empty((bottom - top, pixels.shape[1] + 1), np.uint8)
        rows[:, 0] = _FILTER_UP
        np.subtract(pixels[0], above, out=rows[0, 1:])
        np.subtract(pixels[1:], pixels[:-1], out=rows[1:, 1:])
        above = pixels[-1]
        parts.append(deflate.compress(rows.data))
    return b"".join([*parts, deflate.flush()])


def _chunk(kind: bytes, data: bytes) -> bytes:
    return b"".join([struct.pack(">I", len(data)), kind, data, struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))])


def write(data: bytes, path: Path, *, force: bool) -> None:
    """Write to a temporary name beside the path, then rename.

    Raises OutputError where the file exists and `force` is not given, and where it cannot be written.
    """
    try:
        if path.exists() and not force:
            raise OutputError(f"{path} exists already; give --force to replace it, or choose another name")
        if path.is_dir():
            raise OutputError(f"{path} is a folder; give the name of a file")
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".pspm-", delete=False) as part:
            try:
                part.write(data)
                part.close()
                Path(part.name).chmod(0o666 & ~_umask())
                Path(part.name).replace(path)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}; choose another place") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
