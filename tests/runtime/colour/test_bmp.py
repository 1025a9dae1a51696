"""Colour spaces in the headers of BMP files of versions 4 and 5."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms
from pspm_runtime import open_photo
from pspm_runtime.colour.cicp import SRGB_PRIMARIES
from pspm_runtime.colour.icc import Curve, Primaries, write_rgb_profile
from pspm_runtime.colour.profiles import to_srgb

from tests.runtime.colour import made_profiles as profiles
from tests.runtime.colour.made_profiles import lattice, row
from tests.runtime.pictures import gradient

PIXELS = gradient(8, 6)
SRGB, WINDOWS, LINKED, EMBEDDED = (int.from_bytes(name, "big") for name in (b"sRGB", b"Win ", b"LINK", b"MBED"))
ADOBE = (0.64, 0.33), (0.21, 0.71), (0.15, 0.06)


def bmp(
    kind: int, points: bytes = bytes(36), gammas: bytes = bytes(12), profile: bytes = b"", size: int = 124
) -> bytes:
    rows = b"".join(PIXELS[y, :, ::-1].tobytes() for y in reversed(range(6)))
    offset = 14 + size
    header = struct.pack("<IiiHHIIiiII", size, 8, 6, 1, 24, 0, len(rows), 2835, 2835, 0, 0) + bytes(16)
    header += struct.pack("<I", kind) + points + gammas
    if size == 124:
        header += struct.pack("<IIII", 4, size + len(rows), len(profile), 0)
    assert len(header) == size
    return b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, offset) + header + rows + profile


def fixed(*values: float, bits: int = 30) -> bytes:
    return struct.pack(f"<{len(values)}I", *(round(value * 2**bits) for value in values))


def chromaticities(*points: tuple[float, float]) -> bytes:
    return b"".join(fixed(x, y, 1 - x - y) for x, y in points)


def test_embedded_profile() -> None:
    photo = open_photo(bmp(EMBEDDED, profile=profiles.ADOBE))

    assert photo.icc_profile == profiles.ADOBE
    assert np.array_equal(np.asarray(photo.image), PIXELS)


def test_embedded_profile_of_a_pil_image() -> None:
    assert open_photo(Image.open(io.BytesIO(bmp(EMBEDDED, profile=profiles.ADOBE)))).icc_profile == profiles.ADOBE


@pytest.mark.parametrize("size", [108, 124])
@pytest.mark.parametrize("gamma", [2.2, 1 / 2.2])
def test_calibrated_colours_by_chromaticities(size: int, gamma: float) -> None:
    profile = open_photo(bmp(0, chromaticities(*ADOBE), fixed(*3 * [gamma], bits=16), size=size)).icc_profile

    wanted = to_srgb(row(lattice()), write_rgb_profile(Primaries(*ADOBE), Curve(2.2)))
    assert np.abs(np.asarray(to_srgb(row(lattice()), profile)).astype(int) - np.asarray(wanted)).max() <= 1


def test_calibrated_colours_by_xyz() -> None:
    """The XYZ of Adobe RGB's primaries, whose sum is the white point D65."""
    xyz = [(0.57667, 0.29734, 0.02703), (0.18556, 0.62736, 0.07069), (0.18823, 0.07529, 0.99134)]
    points = b"".join(fixed(*point) for point in xyz)

    profile = open_photo(bmp(0, points, fixed(*3 * [2.2], bits=16))).icc_profile

    wanted = to_srgb(row(lattice()), write_rgb_profile(Primaries(*ADOBE), Curve(2.2)))
    assert np.abs(np.asarray(to_srgb(row(lattice()), profile)).astype(int) - np.asarray(wanted)).max() <= 1


def test_gammas_of_the_channels_may_differ() -> None:
    gammas = 1.8, 2.2, 2.6
    srgb = (*SRGB_PRIMARIES[:3],)
    profile = open_photo(bmp(0, chromaticities(*srgb), fixed(*gammas, bits=16))).icc_profile
    assert profile

    linear = write_rgb_profile(SRGB_PRIMARIES, Curve(1.0))
    opened = [ImageCms.ImageCmsProfile(io.BytesIO(one)) for one in (profile, linear)]
    grey = Image.new("RGB", (1, 1), (128, 128, 128))
    light = np.asarray(ImageCms.profileToProfile(grey, *opened))[0, 0] / 255
    assert np.abs(light - [(128 / 255) ** gamma for gamma in gammas]).max() < 0.005


@pytest.mark.parametrize(
    "data",
    [
        bmp(SRGB),
        bmp(WINDOWS),
        bmp(LINKED, profile=b"c:\\profile.icc\0"),
        bmp(0),
        bmp(0, chromaticities(*ADOBE)),
        bmp(0, chromaticities((0.3, 0.3), (0.3, 0.3), (0.3, 0.3)), fixed(2.2, 2.2, 2.2, bits=16)),
        bmp(0, b"\xff" * 36, fixed(2.2, 2.2, 2.2, bits=16)),
        bmp(EMBEDDED),
        bmp(EMBEDDED, profile=b"junk" * 50),
        bmp(EMBEDDED, profile=profiles.CMYK),
        bmp(EMBEDDED, profile=profiles.ADOBE)[:-20],
    ],
)
def test_srgb_and_what_is_broken(data: bytes) -> None:
    photo = open_photo(data)

    assert photo.icc_profile is None
    assert np.array_equal(np.asarray(photo.image), PIXELS)
