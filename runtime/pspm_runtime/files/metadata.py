"""Carry the date, camera, author and resolution of a photo over to its result."""

import io
from pathlib import Path

from PIL import ExifTags, Image

from pspm_runtime.files.decoders import open_image

Base, IFD = ExifTags.Base, ExifTags.IFD

_KEPT = (
    *(Base.Make, Base.Model, Base.DateTime, Base.Artist, Base.Copyright),
    *(Base.XResolution, Base.YResolution, Base.ResolutionUnit),
)
_KEPT_OF_CAMERA = (
    *(Base.DateTimeOriginal, Base.DateTimeDigitized, Base.OffsetTime, Base.OffsetTimeOriginal),
    *(Base.OffsetTimeDigitized, Base.SubsecTime, Base.SubsecTimeOriginal, Base.SubsecTimeDigitized),
    *(Base.ExposureTime, Base.FNumber, Base.ISOSpeedRatings, Base.FocalLength, Base.FocalLengthIn35mmFilm),
    *(Base.LensMake, Base.LensModel),
)
_INCH = 2


def read_metadata(photo: bytes | str | Path, max_megapixels: float, *, gps: bool) -> bytes:
    """The EXIF data of a photo that its result may carry, empty if there is none that can be read.

    Kept are date, camera, lens, exposure, author, copyright and resolution; the place only with `gps`.
    Serial numbers, maker notes, thumbnails and the orientation, which the result does not need, are left out.
    """
    try:
        with io.BytesIO(photo) if isinstance(photo, bytes) else Path(photo).open("rb") as file:
            image = open_image(file, "the photo", max_megapixels)
            return _filtered(image.getexif(), image.info.get("dpi"), gps=gps)
    except Exception:  # broken EXIF raises almost anything, and the result can do without it
        return b""


def _filtered(found: Image.Exif, dpi: tuple[float, float] | None, *, gps: bool) -> bytes:
    kept = Image.Exif()
    for tag in _KEPT:
        if tag in found:
            kept[tag] = found[tag]
    if dpi:
        kept[Base.XResolution], kept[Base.YResolution] = dpi
        kept[Base.ResolutionUnit] = _INCH
    camera = found.get_ifd(IFD.Exif)
    entries = {int(tag): camera[tag] for tag in _KEPT_OF_CAMERA if tag in camera}
    if entries:
        kept.get_ifd(IFD.Exif).update(entries)
    if gps and (place := found.get_ifd(IFD.GPSInfo)):
        kept.get_ifd(IFD.GPSInfo).update(place)
    return kept.tobytes() if len(kept) or entries or gps else b""


def resolution(exif: bytes) -> tuple[float, float] | None:
    """The dots per inch in EXIF data, None if there are none."""
    if not exif:
        return None
    data = Image.Exif()
    data.load(exif)
    across, down = data.get(Base.XResolution), data.get(Base.YResolution)
    if not across or not down:
        return None
    scale = 1.0 if data.get(Base.ResolutionUnit, _INCH) == _INCH else 2.54
    return float(across) * scale, float(down) * scale
