"""TIFF files whose values Pillow decodes wrongly without a word: read them right, or refuse them."""

from typing import Any

import numpy as np
from PIL import Image

from pspm_runtime.errors import PhotoError

_BITS_PER_SAMPLE, _PHOTOMETRIC, _PLANAR_CONFIGURATION, _SAMPLE_FORMAT = 258, 262, 284, 339
_MIN_IS_WHITE, _SEPARATE_PLANES, _SIGNED = 0, 2, 2


def check_tiff(image: Image.Image, name: str) -> None:
    """Raise PhotoError for a TIFF picture with signed values, or with planes of more than 8 bits."""
    if _tag(image, _SAMPLE_FORMAT, 1) == _SIGNED:
        raise PhotoError(f"{name} holds signed values, whose black is not known; save it with unsigned ones")
    if _tag(image, _PLANAR_CONFIGURATION, 1) == _SEPARATE_PLANES and _tag(image, _BITS_PER_SAMPLE, 1) > 8:
        raise PhotoError(
            f"{name} stores each channel of more than 8 bits as a plane, which cannot be read; save it interleaved"
        )


def with_16_bits(image: Image.Image) -> Image.Image:
    """A loaded grey TIFF of 12, 16 or 32 bits with black at 0 and white at 65535; any other image as it is."""
    bits = _tag(image, _BITS_PER_SAMPLE, 8)
    is_negative = _tag(image, _PHOTOMETRIC, 1) == _MIN_IS_WHITE
    if image.mode not in ("I", "I;16", "I;16B") or not (is_negative or bits in (12, 32)):
        return image
    values = np.asarray(image)
    if bits == 12:
        values = (values.astype(np.uint32) * 65535 // 4095).astype(np.uint16)
    elif bits == 32:
        values = (values.view(np.uint32) >> 16).astype(np.uint16)
    result = Image.fromarray(65535 - values if is_negative else values)
    result.info = dict(image.info)
    return result


def _tag(image: Image.Image, tag: int, default: int) -> int:
    """A tag's value, the first of several; the default where there is none, and for pictures that are no TIFF."""
    tags: Any = getattr(image, "tag_v2", {})
    value = tags.get(tag, default)
    value = value[0] if isinstance(value, tuple) and value else value
    return value if isinstance(value, int) else default
