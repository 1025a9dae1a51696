import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms
from pspm_runtime.colour.cicp import SRGB_CURVE, SRGB_PRIMARIES
from pspm_runtime.colour.icc import Curve, Primaries, write_grey_profile, write_rgb_profile

from tests.runtime.colour.made_profiles import ADOBE_PRIMARIES, P3_PRIMARIES, PROPHOTO_PRIMARIES, lattice, row

# Columns of the matrices that IEC, Adobe and Apple publish, adapted to D50.
PUBLISHED = {
    "sRGB": (SRGB_PRIMARIES, ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))),
    "Adobe RGB": (
        ADOBE_PRIMARIES,
        ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)),
    ),
    "Display P3": (
        P3_PRIMARIES,
        ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)),
    ),
    "ProPhoto": (PROPHOTO_PRIMARIES, ((0.79767, 0.28804, 0.0), (0.13519, 0.71188, 0.0), (0.03134, 0.00009, 0.82491))),
}


def opened(profile: bytes) -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(io.BytesIO(profile))


@pytest.mark.parametrize("version", [2, 4])
@pytest.mark.parametrize("name", PUBLISHED)
def test_matrix_is_the_published_one(name: str, version: int) -> None:
    primaries, columns = PUBLISHED[name]

    profile = opened(write_rgb_profile(primaries, SRGB_CURVE, name=name, version=version)).profile

    found = [profile.red_colorant[0], profile.green_colorant[0], profile.blue_colorant[0]]
    assert np.abs(np.array(found) - columns).max() < 4e-4
    assert profile.profile_description == name
    assert int(profile.version) == version
    assert profile.is_matrix_shaper


@pytest.mark.parametrize("version", [2, 4])
def test_header_and_tags_are_where_the_specification_wants_them(version: int) -> None:
    data = write_rgb_profile(P3_PRIMARIES, SRGB_CURVE, version=version)

    size, number, kind, space, connection = struct.unpack(">I4xI4s4s4s", data[:24])
    (count,) = struct.unpack(">I", data[128:132])
    tags = {tag: (at, length) for tag, at, length in struct.iter_unpack(">4sII", data[132 : 132 + 12 * count])}
    assert (size, number >> 24, kind, space, connection) == (len(data), version, b"mntr", b"RGB ", b"XYZ ")
    assert data[36:40] == b"acsp"
    assert tags.keys() == {
        b"desc",
        b"cprt",
        b"wtpt",
        b"chad",
        *(c + t for c in (b"r", b"g", b"b") for t in (b"XYZ", b"TRC")),
    }
    for at, length in tags.values():
        assert at % 4 == 0
        assert 132 + 12 * count <= at < at + length <= len(data)
    assert tags[b"rTRC"] == tags[b"bTRC"]


CURVES = {
    "sRGB": SRGB_CURVE,
    "gamma": Curve(2.2),
    "linear": Curve(1.0),
    "table": np.linspace(0, 1, 4096) ** 1.5,
}


@pytest.mark.parametrize("version", [2, 4])
@pytest.mark.parametrize("curve", CURVES)
def test_colours_are_those_of_the_formulas(curve: str, version: int) -> None:
    profile = write_rgb_profile(ADOBE_PRIMARIES, CURVES[curve], version=version)
    colours = lattice()

    transform = ImageCms.buildTransform(opened(profile), ImageCms.createProfile("sRGB"), "RGB", "RGB")
    found = np.asarray(ImageCms.applyTransform(row(colours), transform))[0].astype(int)

    codes = colours / 255
    light = codes**1.5 if curve == "table" else CURVES[curve].light(codes)  # type: ignore[union-attr]
    to_xyz, srgb_to_xyz = (np.array(PUBLISHED[name][1]).T for name in ("Adobe RGB", "sRGB"))
    light = np.clip(light @ to_xyz.T @ np.linalg.inv(srgb_to_xyz).T, 0, 1)
    wanted = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055) * 255
    assert np.abs(found - wanted).max() <= 1.5


@pytest.mark.parametrize("version", [2, 4])
def test_grey_profile_has_the_curve(version: int) -> None:
    profile = opened(write_grey_profile(Curve(1.8), version=version))
    levels = np.arange(256, dtype=np.uint8)

    transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), "L", "RGB")
    found = np.asarray(ImageCms.applyTransform(Image.fromarray(levels[None]), transform))[0].astype(int)

    light = (levels / 255) ** 1.8
    wanted = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055) * 255
    assert np.abs(found - wanted[:, None]).max() <= 1.5
    assert profile.profile.xcolor_space == "GRAY"


@pytest.mark.parametrize(
    "primaries",
    [
        Primaries((0.64, 0.33), (0.64, 0.33), (0.15, 0.06)),
        Primaries((0.1, 0.1), (0.2, 0.2), (0.3, 0.3)),
        Primaries((0.64, 0.0), (0.3, 0.6), (0.15, 0.06)),
        Primaries((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.3, 0.0)),
    ],
)
def test_primaries_that_span_no_space_are_refused(primaries: Primaries) -> None:
    with pytest.raises(ValueError, match=r"colour|line"):
        write_rgb_profile(primaries, SRGB_CURVE)
