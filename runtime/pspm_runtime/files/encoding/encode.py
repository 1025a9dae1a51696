"""Encode a result in the format of its file's name."""

import io
from pathlib import Path
from typing import Any

from PIL import Image, features

from pspm_runtime.constants import QUALITY
from pspm_runtime.errors import OutputError
from pspm_runtime.files.encoding.encode_png import encode_png
from pspm_runtime.files.encoding.encode_tiff import encode_tiff
from pspm_runtime.files.encoding.wide_image import WideImage
from pspm_runtime.files.jpeg_xl import check_encoder, encode_jpeg_xl
from pspm_runtime.files.metadata.iptc import in_jpeg
from pspm_runtime.files.metadata.metadata import NO_METADATA, Metadata

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
