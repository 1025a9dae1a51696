"""The EXIF data that a result may carry."""

from typing import Any

from PIL import ExifTags, Image

Base, IFD = ExifTags.Base, ExifTags.IFD

_KEPT = (
    *(Base.Make, Base.Model, Base.DateTime, Base.ImageDescription, Base.Artist, Base.Copyright),
    *(Base.XResolution, Base.YResolution, Base.ResolutionUnit),
)
_KEPT_OF_CAMERA = (
    *(Base.DateTimeOriginal, Base.DateTimeDigitized, Base.OffsetTime, Base.OffsetTimeOriginal),
    *(Base.OffsetTimeDigitized, Base.SubsecTime, Base.SubsecTimeOriginal, Base.SubsecTimeDigitized),
    *(Base.ExposureTime, Base.FNumber, Base.ISOSpeedRatings, Base.FocalLength, Base.FocalLengthIn35mmFilm),
    *(Base.LensMake, Base.LensModel),
)
_INCH = 2
_MOST_DOTS = 1e6
# A JPEG holds 64 kB of EXIF data.
_LONGEST = 4000


def kept_exif(found: Image.Exif, dpi: tuple[float, float] | None, *, gps: bool) -> bytes:
    """Date, camera, lens, exposure, author, copyright, description and resolution; the place only with `gps`.

    Serial numbers, maker notes, thumbnails and the orientation, which the result does not need, are left out. Returns
    EXIF data with the prefix that JPEG files have, or nothing.
    """
    kept = Image.Exif()
    for tag in _KEPT:
        if tag in found and _is_short(found[tag]):
            kept[tag] = found[tag]
    if dpi and all(0 < dots < _MOST_DOTS for dots in dpi):
        kept[Base.XResolution], kept[Base.YResolution] = dpi
        kept[Base.ResolutionUnit] = _INCH
    camera = found.get_ifd(IFD.Exif)
    entries = {int(tag): camera[tag] for tag in _KEPT_OF_CAMERA if tag in camera and _is_short(camera[tag])}
    if entries:
        kept[IFD.Exif] = entries
    place = {tag: value for tag, value in found.get_ifd(IFD.GPSInfo).items() if _is_short(value)} if gps else {}
    if place:
        kept[IFD.GPSInfo] = place
    return kept.tobytes() if len(kept) or entries or place else b""


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


def _is_short(value: Any) -> bool:
    return not isinstance(value, str | bytes | tuple) or len(value) <= _LONGEST
