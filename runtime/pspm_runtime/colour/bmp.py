"""Read the colour space in the header of a BMP of version 4 or 5, which Pillow passes over."""

import struct
from typing import BinaryIO

import numpy as np

from pspm_runtime.colour.icc import Curve, Primaries, write_rgb_profile

_FILE_HEADER = 14
_VERSION_4, _VERSION_5 = 108, 124
_CALIBRATED, _EMBEDDED = 0, int.from_bytes(b"MBED", "big")
_LARGEST_PROFILE = 1 << 24


def find_bmp_profile(file: BinaryIO) -> bytes | None:
    """The embedded ICC profile of a BMP, or one for its primaries and gammas; None for sRGB and where both are broken.

    file: seekable; its position is restored. A linked profile, which is a path, is not looked for.
    """
    position = file.tell()
    try:
        file.seek(0)
        header = file.read(_FILE_HEADER + _VERSION_5)[_FILE_HEADER:]
        (size,) = struct.unpack("<I", header[:4])
        if size not in (_VERSION_4, _VERSION_5):
            return None
        (kind,) = struct.unpack("<I", header[56:60])
        if kind == _CALIBRATED:
            return _calibrated(header)
        if kind != _EMBEDDED or size != _VERSION_5:
            return None
        offset, length = struct.unpack("<II", header[112:120])
        file.seek(_FILE_HEADER + offset)
        return file.read(min(length, _LARGEST_PROFILE))
    except (struct.error, ArithmeticError, ValueError):
        return None
    finally:
        file.seek(position)


def _calibrated(header: bytes) -> bytes:
    """The profile of a header's end points and gammas. Raises ValueError for what is no colour space."""
    points = np.array(struct.unpack("<9i", header[60:96])).reshape(3, 3) / 2**30
    gammas = [value / 2**16 for value in struct.unpack("<3I", header[96:108])]
    sums = points.sum(axis=1)
    if min(sums) <= 0 or not all(0.1 <= gamma <= 10 for gamma in gammas):
        raise ValueError("no end points, or no gammas")
    red, green, blue = ((float(x / total), float(y / total)) for (x, y, _), total in zip(points, sums, strict=True))
    # Some programs write chromaticities, whose x, y and z add up to one, others XYZ, which add up to the white point.
    white = Primaries(red, green, blue).white
    if np.abs(sums - 1).max() > 0.02:
        total = points.sum()
        white = float(points[:, 0].sum() / total), float(points[:, 1].sum() / total)
    curves = [Curve(gamma if gamma >= 1 else 1 / gamma) for gamma in gammas]
    return write_rgb_profile(Primaries(red, green, blue, white), curves, name="BMP")
