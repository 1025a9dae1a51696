"""Decide what a picture's RGB means, and convert between colour spaces with LittleCMS.

A colour space is an ICC profile in bytes; None is sRGB.
"""

import io
import struct
from functools import lru_cache
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageCms

from pspm_runtime.colour.bmp import find_bmp_profile
from pspm_runtime.colour.cicp import SRGB_CURVE, SRGB_PRIMARIES, cicp_profile
from pspm_runtime.colour.icc import Curve, Primaries, write_grey_profile, write_rgb_profile
from pspm_runtime.colour.tags import CodePoints, find_code_points, find_jpeg_2000_profile

ADOBE_RGB = write_rgb_profile(
    Primaries((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), Curve(563 / 256), name="Adobe RGB (1998)", version=2
)

_GREY_MODES = ("1", "L", "LA", "La", "I", "I;16", "I;16L", "I;16B", "F")
_SPACES = dict.fromkeys(_GREY_MODES, "GRAY") | {"CMYK": "CMYK", "LAB": "Lab "}
_MODES = {"GRAY": "L", "CMYK": "CMYK", "Lab ": "LAB", "RGB ": "RGB"}
# Device links, abstract and named-colour profiles describe no picture.
_DEVICE_CLASSES = ("mntr", "scnr", "prtr", "spac")
_EXIF_COLOUR_SPACE, _EXIF_INTEROPERABILITY_INDEX = 0xA001, 1
_EXIF_SRGB, _EXIF_ADOBE_RGB = 1, 2
_LEVELS = np.arange(256, dtype=np.uint8)
_SRGB = cicp_profile(1, 13)
_SRGB_CHROMATICITIES = SRGB_PRIMARIES.white, *SRGB_PRIMARIES[:3]
# All colours of nine levels a channel, from black to white, and by how much rounding may move them.
_LATTICE = (
    np.stack(np.meshgrid(*3 * [np.linspace(0, 255, 9).round()], indexing="ij"), -1).reshape(-1, 3).astype(np.int64)
)
_ROUNDING = 1
_CMS_ERRORS = (ImageCms.PyCMSError, OSError, ValueError, TypeError)
_FEW_PIXELS = 4096
# Profiles are kept in caches. The largest ones of printers have 3 MB.
_LARGEST_PROFILE = 8 << 20


def profile_of(image: Image.Image, file: BinaryIO | None = None) -> bytes | None:
    """The profile of a picture's values, None for sRGB. Its space is RGB, or that of a grey, CMYK or Lab image's mode.

    image: as Pillow opened it. file: seekable, for what Pillow does not expose: code points (cICP in PNG, nclx in AVIF
    and HEIC, the AV1 stream), the profiles of JPEG 2000, and the colour spaces of BMP.
    The first of these decides: in a PNG cICP, the ICC profile, sRGB, gAMA with cHRM; in other files the ICC profile,
    nclx, the AV1 stream; EXIF's Adobe RGB; else it is sRGB. What is damaged, reserved or of another mode is passed
    over.
    """
    embedded = _embedded_profile(image, file)
    if image.mode in ("CMYK", "LAB"):
        return embedded
    points = find_code_points(file) if file else _heif_points(image)
    coded = cicp_profile(*points) if points else None
    if embedded and not (coded and image.format == "PNG"):
        return embedded
    described = coded or _png_profile(image) or _exif_profile(image)
    return described if described and not is_srgb(described) else None


@lru_cache(maxsize=16)
def space_of(profile: bytes) -> str | None:
    """The colour space of a profile: "RGB ", "GRAY", "CMYK" or "Lab "; None if it cannot convert pictures to sRGB."""
    try:
        opened = _open(profile).profile
        space = opened.xcolor_space
        if space not in _MODES or opened.device_class not in _DEVICE_CLASSES:
            return None
        _transform(profile, None, _MODES[space], exact=True)
    except _CMS_ERRORS:
        return None
    if space == "RGB ":
        darkest, brightest = _as_srgb(profile)[[0, -1]].sum(-1)
        return space if darkest < brightest else None
    return space


@lru_cache(maxsize=16)
def is_working_space(profile: bytes) -> bool:
    """Whether RGB can also be converted into a profile's space, as backgrounds must be; scanners' profiles may not."""
    try:
        _transform(None, profile, "RGB", exact=True)
    except _CMS_ERRORS:
        return False
    return space_of(profile) == "RGB "


@lru_cache(maxsize=16)
def is_srgb(profile: bytes | None) -> bool:
    """Whether a profile means sRGB: its colours are equal within rounding, or it does not describe RGB."""
    if profile is None or space_of(profile) != "RGB ":
        return True
    return bool(np.abs(_as_srgb(profile) - _LATTICE).max() <= _ROUNDING)


def same_space(first: bytes | None, second: bytes | None) -> bool:
    """Whether the values of one space are right in the other as they are."""
    return first == second or (is_srgb(first) and is_srgb(second))


def convert(image: Image.Image, source: bytes | None, target: bytes | None) -> Image.Image:
    """An RGB image of one space in another RGB space; the image itself where both are the same.

    Colours that the target cannot show are clipped.
    """
    if same_space(source, target):
        return image
    return _apply(_transform(source, target, "RGB", exact=image.width * image.height <= _FEW_PIXELS), image)


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """An image of any mode as RGB in sRGB, without its transparency; `profile` as `profile_of` gives it.

    Without a profile, LAB has the white point D50, and Pillow converts other modes.
    """
    if profile is None:
        return _apply(_lab_transform(), image) if image.mode == "LAB" else _in_mode(image, "RGB")
    mode = _MODES[space_of(profile) or "RGB "]
    if mode == "RGB":
        return convert(_in_mode(image, "RGB"), profile, None)
    return _apply(_transform(profile, None, mode, exact=False), _in_mode(image, mode))


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    return image if image.mode == mode else image.convert(mode)


def from_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """An RGB image in sRGB as values of an RGB profile."""
    return convert(image, None, profile)


@lru_cache(maxsize=16)
def linear_light(profile: bytes | None) -> np.ndarray:
    """Light in [0, 1] of the 256 greys of an RGB profile, float64, not decreasing; black is 0, white is 1."""
    if is_srgb(profile):
        codes = _LEVELS / 255
        return _read_only(np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4))
    greys = Image.fromarray(np.repeat(_LEVELS[None, :, None], 3, axis=2))
    linear = _open(write_grey_profile(Curve(1.0)))
    # 16 bits: with 8, the darkest twenty greys would have the same light.
    transform = ImageCms.buildTransform(_open(profile), linear, "RGB", "I;16", flags=ImageCms.Flags.NOOPTIMIZE)
    light = np.maximum.accumulate(np.asarray(_apply(transform, greys))[0] / 65535)
    if light[-1] <= light[0]:
        return linear_light(None)  # a broken profile, by which all greys are equally bright
    return _read_only((light - light[0]) / (light[-1] - light[0]))


def _read_only(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


def _embedded_profile(image: Image.Image, file: BinaryIO | None = None) -> bytes | None:
    """The ICC profile in a picture of any mode, None where it has none that is sound and describes that mode."""
    profile = image.info.get("icc_profile")
    if file and image.format == "JPEG2000":
        profile = find_jpeg_2000_profile(file)
    if file and image.format == "BMP":
        profile = find_bmp_profile(file)
    if not isinstance(profile, bytes) or not 0 < len(profile) <= _LARGEST_PROFILE:
        return None
    return profile if space_of(profile) == _SPACES.get(image.mode, "RGB ") else None


def _png_profile(image: Image.Image) -> bytes | None:
    """The profile for a PNG's sRGB, gAMA and cHRM chunks, which Pillow keeps in the image's info."""
    info = image.info
    if "srgb" in info:
        return _SRGB
    gamma, points = info.get("gamma"), info.get("chromaticity")
    if gamma is None and points is None:
        return None
    try:
        curve = SRGB_CURVE if gamma is None else Curve(1 / gamma)
        white, red, green, blue = zip(points[::2], points[1::2], strict=True) if points else _SRGB_CHROMATICITIES
        profile = write_rgb_profile(Primaries(red, green, blue, white), curve, name="PNG")
    except (ArithmeticError, TypeError, ValueError, struct.error):
        return None
    return profile if space_of(profile) else None


def _exif_profile(image: Image.Image) -> bytes | None:
    """Adobe RGB where EXIF says so: by DCF's interoperability index R03, or the colour space 2 of some cameras."""
    try:
        exif = image.getexif()
        colour_space = exif.get_ifd(ExifTags.IFD.Exif).get(_EXIF_COLOUR_SPACE)
        index = exif.get_ifd(ExifTags.IFD.Interop).get(_EXIF_INTEROPERABILITY_INDEX)
    except Exception:  # broken EXIF raises almost anything
        return None
    is_adobe = colour_space == _EXIF_ADOBE_RGB or (index == "R03" and colour_space != _EXIF_SRGB)
    return ADOBE_RGB if is_adobe else None


def _heif_points(image: Image.Image) -> CodePoints | None:
    """The code points that pillow-heif leaves in an image's info."""
    nclx = image.info.get("nclx_profile")
    try:
        return CodePoints(int(nclx["color_primaries"]), int(nclx["transfer_characteristics"])) if nclx else None
    except (KeyError, TypeError, ValueError):
        return None


def _open(profile: bytes | None) -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(io.BytesIO(profile) if profile else ImageCms.createProfile("sRGB"))


@lru_cache(maxsize=16)
def _transform(source: bytes | None, target: bytes | None, mode: str, *, exact: bool) -> ImageCms.ImageCmsTransform:
    """From an image mode of one space to RGB of another; several threads may use it at once.

    exact: without the tables by which LittleCMS is ten times as fast on pictures, slower to set up and a level off.
    """
    flags = ImageCms.Flags.NOOPTIMIZE if exact else ImageCms.Flags.NONE
    return ImageCms.buildTransform(_open(source), _open(target), mode, "RGB", flags=flags)


@lru_cache(maxsize=1)
def _lab_transform() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), _open(None), "LAB", "RGB")


def _apply(transform: ImageCms.ImageCmsTransform, image: Image.Image) -> Image.Image:
    """The converted image, without the profile that Pillow puts into its info."""
    result = transform.apply(image)
    result.info.clear()
    return result


def _as_srgb(profile: bytes) -> np.ndarray:
    """The colours of the lattice as sRGB."""
    lattice = Image.fromarray(_LATTICE[None].astype(np.uint8))
    return np.asarray(_apply(_transform(profile, None, "RGB", exact=True), lattice))[0].astype(np.int64)
