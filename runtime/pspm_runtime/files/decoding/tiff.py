"""The kinds of TIFF: what values mean, and the kinds that Pillow reads wrongly without an error."""

from typing import Any

from PIL import Image

from pspm_runtime.errors import PhotoError
from pspm_runtime.files.decoding.quiet import quiet_libtiff

_BITS, _COMPRESSION, _PHOTOMETRIC, _PLANAR, _SAMPLE_FORMAT = 258, 259, 262, 284, 339
_SAMPLES, _TILE_WIDTH, _TILE_LENGTH, _SUBSAMPLING = 277, 322, 323, 530
_UNCOMPRESSED = 1
_COEFFICIENTS, _REFERENCE, _INK_SET = 529, 532, 332
_MIN_IS_WHITE, _SEPARATED, _YCBCR = 0, 5, 6
_CMYK = 1
# What Pillow takes for granted: the luma of JPEG's YCbCr, and its full range.
_JPEG_COEFFICIENTS = 0.299, 0.587, 0.114
_FULL_RANGE = 0, 255, 128, 255, 128, 255
_SEPARATE_PLANES = 2
_MODES_OF_PLANES = ("RGB", "RGBA", "CMYK")
_UNSIGNED = 1


def check_tiff(image: Image.Image, name: str, max_megapixels: float) -> None:
    """Raise PhotoError for a TIFF that Pillow would decode to wrong values, and prepare libtiff. Other formats pass."""
    tags = getattr(image, "tag_v2", None)
    if image.format != "TIFF" or tags is None:
        return
    quiet_libtiff()
    bits = _numbers(tags.get(_BITS, 1))
    formats = _numbers(tags.get(_SAMPLE_FORMAT, _UNSIGNED))
    if image.mode == "F":
        raise PhotoError(f"{name} has floating-point values without a known white level; save it with 8 or 16 bits")
    if max(bits) > 32 or set(formats) != {_UNSIGNED}:
        raise PhotoError(f"{name} has signed values without a known black level; save it with unsigned ones")
    photometric = tags.get(_PHOTOMETRIC, _MIN_IS_WHITE)
    raw = tags.get(_COMPRESSION, _UNCOMPRESSED) == _UNCOMPRESSED
    separate = tags.get(_PLANAR) == _SEPARATE_PLANES and tags.get(_SAMPLES, 1) != 1
    if separate and (image.mode not in _MODES_OF_PLANES or (raw and max(bits) > 8)):
        raise PhotoError(f"{name} is a TIFF with separate planes; save it with interleaved channels")
    if photometric == _YCBCR and raw and _numbers(tags.get(_SUBSAMPLING, (2, 2))) != (1, 1):
        raise PhotoError(f"{name} is a TIFF with subsampled YCbCr colours; save it as RGB")
    if photometric == _YCBCR and raw and not _is_jpegs_ycbcr(tags):
        raise PhotoError(f"{name} is a TIFF with YCbCr colours of video; save it as RGB")
    if photometric == _SEPARATED and tags.get(_INK_SET, _CMYK) != _CMYK:
        raise PhotoError(f"{name} is a TIFF with other inks than CMYK; save it as RGB")
    width, height = tags.get(_TILE_WIDTH, 1), tags.get(_TILE_LENGTH, 1)
    if not isinstance(width, int) or not isinstance(height, int) or width * height > max_megapixels * 1e6:
        raise PhotoError(f"{name} is a TIFF with tiles larger than the limit of {max_megapixels:g} megapixels")


def _is_jpegs_ycbcr(tags: Any) -> bool:
    """Whether a TIFF's YCbCr is JPEG's, by its coefficients and reference levels."""
    try:
        coefficients = [float(number) for number in tags.get(_COEFFICIENTS, _JPEG_COEFFICIENTS)]
        levels = [float(number) for number in tags.get(_REFERENCE, _FULL_RANGE)]
    except (TypeError, ValueError, ArithmeticError):
        return False
    wanted = [*_JPEG_COEFFICIENTS, *_FULL_RANGE]
    found = [*coefficients, *levels]
    return len(found) == len(wanted) and all(abs(a - b) < 0.01 * max(1, b) for a, b in zip(found, wanted, strict=True))


def grey_range(image: Image.Image) -> tuple[int, int] | None:
    """The values of black and white in a TIFF that Pillow opened as wide grey; None for other pictures."""
    tags = getattr(image, "tag_v2", None)
    if image.format != "TIFF" or tags is None or not image.mode.startswith("I"):
        return None
    white = 2 ** _numbers(tags.get(_BITS, 16))[0] - 1
    return (white, 0) if tags.get(_PHOTOMETRIC, _MIN_IS_WHITE) == _MIN_IS_WHITE else (0, white)


def _numbers(value: object) -> tuple[int, ...]:
    values = value if isinstance(value, tuple) else (value,)
    return tuple(int(number) for number in values if isinstance(number, int)) or (0,)
