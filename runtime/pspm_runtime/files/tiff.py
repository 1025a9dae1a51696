"""The kinds of TIFF: what values mean, and the kinds that Pillow reads wrongly without an error."""

from PIL import Image

from pspm_runtime.errors import PhotoError
from pspm_runtime.files.quiet import quiet_libtiff

_BITS, _COMPRESSION, _PHOTOMETRIC, _PLANAR, _SAMPLE_FORMAT = 258, 259, 262, 284, 339
_SAMPLES, _TILE_WIDTH, _TILE_LENGTH, _SUBSAMPLING = 277, 322, 323, 530
_UNCOMPRESSED = 1
_MIN_IS_WHITE, _YCBCR = 0, 6
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
    width, height = tags.get(_TILE_WIDTH, 1), tags.get(_TILE_LENGTH, 1)
    if not isinstance(width, int) or not isinstance(height, int) or width * height > max_megapixels * 1e6:
        raise PhotoError(f"{name} is a TIFF with tiles larger than the limit of {max_megapixels:g} megapixels")


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
