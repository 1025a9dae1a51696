"""Encode a result as TIFF. Pillow neither writes 16-bit colours nor compresses a file with EXIF data."""

import io
from typing import Any

from PIL import ExifTags, Image, TiffImagePlugin, TiffTags

from pspm_runtime.files.encoding.deflate import fast_zlib
from pspm_runtime.files.encoding.wide_image import WideImage, pixels_of, profile_in
from pspm_runtime.files.metadata.metadata import Metadata

STRIP_BYTES = 1 << 20

Base, IFD = ExifTags.Base, ExifTags.IFD
_DEFLATE, _HORIZONTAL_DIFFERENCE, _UNASSOCIATED = 8, 2, 2
_GREY, _RGB = 1, 2
_XMP, _IPTC, _ICC = 700, 33723, 34675


def encode_tiff(image: Image.Image | WideImage, metadata: Metadata) -> bytes:
    """Encode grey, RGB or RGBA, in strips that are compressed by deflate with horizontal differences."""
    bits, channels = (16, image.channels) if isinstance(image, WideImage) else (8, len(image.getbands()))
    width, height = image.size
    rows = max(1, STRIP_BYTES // (width * channels * bits // 8))
    strips = []
    for top in range(0, height, rows):
        pixels = pixels_of(image, top, min(top + rows, height))
        differences = pixels.astype(f"<u{bits // 8}")
        differences[:, 1:] -= pixels[:, :-1]
        strips.append(fast_zlib.compress(differences.tobytes(), 1))
    sizes = [len(strip) for strip in strips]
    tags: dict[int, Any] = {
        Base.ImageWidth: width,
        Base.ImageLength: height,
        Base.BitsPerSample: (bits,) * channels,
        Base.Compression: _DEFLATE,
        Base.PhotometricInterpretation: _GREY if channels == 1 else _RGB,
        Base.SamplesPerPixel: channels,
        Base.RowsPerStrip: rows,
        Base.StripByteCounts: tuple(sizes),
        Base.PlanarConfiguration: 1,
        Base.Predictor: _HORIZONTAL_DIFFERENCE,
        # Pillow adds where the pixels begin, behind the tags.
        Base.StripOffsets: tuple(sum(sizes[:index]) for index in range(len(sizes))),
    }
    if channels == 4:
        tags[Base.ExtraSamples] = _UNASSOCIATED
    return _file(tags, strips, profile_in(image), metadata)


def _file(tags: dict[int, Any], strips: list[bytes], profile: bytes | None, metadata: Metadata) -> bytes:
    directory = TiffImagePlugin.ImageFileDirectory_v2()
    exif = Image.Exif()
    exif.load(metadata.exif)
    for tag, value in exif.items():
        if tag not in (IFD.Exif, IFD.GPSInfo):
            directory[tag] = value
    for group in (IFD.Exif, IFD.GPSInfo):
        if entries := exif.get_ifd(group):
            directory[group] = dict(entries)
            directory.tagtype[group] = TiffTags.LONG
    for tag, data in ((_XMP, metadata.xmp), (_IPTC, metadata.iptc), (_ICC, profile)):
        if data:
            directory[tag] = data
            directory.tagtype[tag] = TiffTags.UNDEFINED if tag != _XMP else TiffTags.BYTE
    for tag, value in tags.items():
        directory[tag] = value
        if tag in (Base.StripOffsets, Base.StripByteCounts):
            directory.tagtype[tag] = TiffTags.LONG
    buffer = io.BytesIO()
    directory.save(buffer)
    return b"".join([buffer.getvalue(), *strips])
