import io
import struct
import zlib
from typing import BinaryIO

import numpy as np
import pytest
from PIL import Image, ImageCms, features
from pspm_runtime.colour.cicp import SRGB_CURVE, SRGB_PRIMARIES, cicp_profile
from pspm_runtime.colour.icc import Curve, Primaries, write_rgb_profile
from pspm_runtime.colour.profiles import (
    ADOBE_RGB,
    convert,
    from_srgb,
    is_srgb,
    is_working_space,
    linear_light,
    profile_of,
    same_space,
    space_of,
    to_srgb,
)

from tests.runtime.colour import made_profiles as profiles
from tests.runtime.colour.made_profiles import lattice, row
from tests.runtime.pictures import encoded, gradient

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
RGB_PROFILES = {
    "matrix version 2": profiles.ADOBE,
    "matrix version 4": profiles.DISPLAY_P3,
    "matrix version 2, sampled curve": profiles.DISPLAY_P3_V2,
    "wide": profiles.PROPHOTO,
    "table": profiles.LUT,
}


def reference(colours: np.ndarray, source: bytes, target: bytes, mode: str = "RGB") -> np.ndarray:
    """The colours converted by ImageCms."""
    spaces = [ImageCms.ImageCmsProfile(io.BytesIO(profile)) for profile in (source, target)]
    # Without its shortcuts, but for CMYK, where they are what everybody sees.
    flags = ImageCms.Flags.NONE if mode == "CMYK" else ImageCms.Flags.NOOPTIMIZE
    transform = ImageCms.buildTransform(*spaces, mode, "RGB", flags=flags)
    return np.asarray(ImageCms.applyTransform(row(colours, mode), transform))[0].astype(int)


def png(*chunks: tuple[bytes, bytes], image: Image.Image | None = None) -> bytes:
    """A PNG with chunks right behind its header."""
    data = encoded(image or Image.fromarray(gradient(8, 6)))
    extra = b"".join(
        struct.pack(">I", len(value)) + kind + value + struct.pack(">I", zlib.crc32(kind + value))
        for kind, value in chunks
    )
    return data[:33] + extra + data[33:]


def icc_chunk(profile: bytes) -> tuple[bytes, bytes]:
    return b"iCCP", b"x\0\0" + zlib.compress(profile)


def profile_in(data: bytes) -> bytes | None:
    file: BinaryIO = io.BytesIO(data)
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return profile_of(image, file)


CICP_P3, CICP_SRGB, CICP_PQ = ((b"cICP", bytes(points)) for points in ((12, 13, 0, 1), (1, 13, 0, 1), (9, 16, 0, 1)))
SRGB_CHUNK = b"sRGB", b"\0"
GAMMA = b"gAMA", struct.pack(">I", 55556)
SRGB_GAMMA = b"gAMA", struct.pack(">I", 45455)
P3_POINTS = b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
SRGB_POINTS = b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
P3 = cicp_profile(12, 13)

PNGS = {
    "nothing": ((), None),
    "sRGB": ((SRGB_CHUNK,), None),
    "sRGB over gAMA and cHRM": ((SRGB_CHUNK, GAMMA, P3_POINTS), None),
    "an ICC profile over sRGB": ((icc_chunk(profiles.ADOBE), SRGB_CHUNK), profiles.ADOBE),
    "cICP over an ICC profile": ((CICP_P3, icc_chunk(profiles.ADOBE), SRGB_CHUNK), P3),
    "cICP of sRGB over an ICC profile": ((CICP_SRGB, icc_chunk(profiles.ADOBE)), None),
    "cICP behind the ICC profile": ((icc_chunk(profiles.ADOBE), CICP_P3), P3),
    "reserved cICP, so the ICC profile": (((b"cICP", bytes([3, 13, 0, 1])), icc_chunk(profiles.ADOBE)), profiles.ADOBE),
    "unspecified cICP, so gAMA": (((b"cICP", bytes([2, 2, 0, 1])), SRGB_CHUNK), None),
    "cICP for YCbCr, which PNG forbids": (((b"cICP", bytes([12, 13, 5, 1])),), None),
    "cICP cut short": (((b"cICP", bytes([12, 13])),), None),
    "a broken ICC profile, so sRGB": ((icc_chunk(b"junk" * 50), SRGB_CHUNK), None),
    "a grey ICC profile": ((icc_chunk(profiles.GREY),), None),
    "gAMA": ((GAMMA,), write_rgb_profile(SRGB_PRIMARIES, Curve(1 / 0.55556), name="PNG")),
    "cHRM": ((P3_POINTS,), write_rgb_profile(profiles.P3_PRIMARIES, SRGB_CURVE, name="PNG")),
    "gAMA and cHRM": ((GAMMA, P3_POINTS), write_rgb_profile(profiles.P3_PRIMARIES, Curve(1 / 0.55556), name="PNG")),
    "cHRM of sRGB": ((SRGB_POINTS,), None),
    "gAMA of 1/2.2, which is not sRGB": (
        (SRGB_GAMMA, SRGB_POINTS),
        write_rgb_profile(SRGB_PRIMARIES, Curve(1 / 0.45455), name="PNG"),
    ),
    "gAMA of 0": (((b"gAMA", bytes(4)),), None),
    "cHRM of one point": (((b"cHRM", struct.pack(">8I", *8 * [30000])),), None),
    "cHRM of zeros": (((b"cHRM", bytes(32)),), None),
}


@pytest.mark.parametrize("name", PNGS)
def test_png_means_what_its_first_sound_chunk_says(name: str) -> None:
    chunks, wanted = PNGS[name]

    assert profile_in(png(*chunks)) == wanted


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "WEBP", "PNG"])
@pytest.mark.parametrize("name", RGB_PROFILES)
def test_icc_profile_of_rgb_is_the_pictures(kind: str, name: str) -> None:
    profile = RGB_PROFILES[name]

    assert profile_in(encoded(Image.fromarray(gradient(8, 6)), kind, icc_profile=profile)) == profile


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGB", "LAB"])
@pytest.mark.parametrize("space", ["GRAY", "CMYK", "RGB "])
def test_icc_profile_of_another_mode_is_passed_over(mode: str, space: str) -> None:
    profile = {"GRAY": profiles.GREY, "CMYK": profiles.CMYK, "RGB ": profiles.ADOBE}[space]
    fits = (mode, space) in (("L", "GRAY"), ("CMYK", "CMYK"), ("RGB", "RGB "))

    data = encoded(Image.new(mode, (8, 6)), "TIFF", icc_profile=profile)

    assert profile_in(data) == (profile if fits else None)


def damaged(profile: bytes) -> dict[str, bytes]:
    black = bytearray(profile)
    for tag in range(struct.unpack(">I", profile[128:132])[0]):
        name, at, length = struct.unpack(">4sII", profile[132 + 12 * tag :][:12])
        if name.endswith(b"XYZ"):
            black[at + 8 : at + length] = bytes(length - 8)
    return {
        "junk": b"not a profile" * 20,
        "header alone": profile[:128],
        "no tags": profile[:128] + bytes(4),
        "half": profile[: len(profile) // 2],
        "grey by its header": profile[:16] + b"GRAY" + profile[20:],
        "CMYK by its header": profile[:16] + b"CMYK" + profile[20:],
        "a device link": profile[:12] + b"link" + profile[16:],
        "named colours": profile[:12] + b"nmcl" + profile[16:],
        "everything black": bytes(black),
        "no curves": profile.replace(b"rTRC", b"xTRC"),
        "no bytes": b"",
    }


@pytest.mark.parametrize("name", damaged(profiles.DISPLAY_P3))
def test_broken_icc_profile_is_passed_over(name: str) -> None:
    image = Image.fromarray(gradient(8, 6))
    profile = damaged(profiles.DISPLAY_P3)[name]
    image.info["icc_profile"] = profile

    assert profile_of(image) is None
    assert is_srgb(profile)
    assert convert(image, profile, None) is image
    assert convert(image, None, profile) is image


def test_icc_profile_of_many_megabytes_is_passed_over() -> None:
    """They would be kept in caches."""
    image = Image.fromarray(gradient(8, 6))
    image.info["icc_profile"] = profiles.ADOBE + bytes(7 << 20)
    assert profile_of(image) is not None

    image.info["icc_profile"] = profiles.ADOBE + bytes(9 << 20)
    assert profile_of(image) is None


def test_icc_profile_that_is_not_bytes_is_passed_over() -> None:
    image = Image.fromarray(gradient(8, 6))
    image.info["icc_profile"] = "sRGB"

    assert profile_of(image) is None


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
@pytest.mark.parametrize(
    ("colour_space", "index", "is_adobe"),
    [
        (65535, "R03", True),
        (None, "R03", True),
        (2, None, True),
        (2, "R03", True),
        (1, "R98", False),
        (1, "R03", False),
        (65535, None, False),
        (65535, "R98", False),
        (None, None, False),
    ],
)
def test_adobe_rgb_by_exif(kind: str, colour_space: int | None, index: str | None, is_adobe: bool) -> None:
    data = encoded(Image.fromarray(gradient(8, 6)), kind, exif=profiles.dcf_exif(colour_space, index))

    assert profile_in(data) == (ADOBE_RGB if is_adobe else None)


def test_icc_profile_goes_before_exif() -> None:
    image = Image.fromarray(gradient(8, 6))

    assert (
        profile_in(encoded(image, "JPEG", exif=profiles.dcf_exif(65535, "R03"), icc_profile=profiles.PROPHOTO))
        == profiles.PROPHOTO
    )
    assert profile_in(encoded(image, "JPEG", exif=profiles.dcf_exif(65535, "R03"), icc_profile=SRGB)) == SRGB


def test_adobe_rgb_is_what_adobe_specified() -> None:
    assert np.abs(reference(lattice(), ADOBE_RGB, SRGB) - reference(lattice(), profiles.ADOBE, SRGB)).max() == 0


def avif(primaries: int, transfer: int, **options: object) -> bytes:
    data = encoded(Image.fromarray(gradient(16, 16)), "AVIF", **options)
    at = data.index(b"colrnclx") + 8
    return data[:at] + struct.pack(">HH", primaries, transfer) + data[at + 4 :]


@pytest.mark.skipif(not features.check("avif"), reason="needs a Pillow with AVIF")
@pytest.mark.parametrize(
    ("points", "wanted"),
    [
        ((1, 13), None),
        ((12, 13), P3),
        ((2, 2), None),
        ((2, 13), None),
        ((12, 2), P3),
        ((9, 16), cicp_profile(9, 16)),
        ((9, 18), cicp_profile(9, 18)),
        ((0, 13), None),
        ((12, 255), None),
        ((60000, 60000), None),
    ],
)
def test_avif_by_its_colour_box(points: tuple[int, int], wanted: bytes | None) -> None:
    assert profile_in(avif(*points)) == wanted


@pytest.mark.skipif(not features.check("avif"), reason="needs a Pillow with AVIF")
def test_icc_profile_goes_before_nclx() -> None:
    data = encoded(Image.fromarray(gradient(16, 16)), "AVIF", icc_profile=profiles.ADOBE)

    assert profile_in(data) == profiles.ADOBE


def test_nclx_that_pillow_heif_found() -> None:
    image = Image.fromarray(gradient(8, 6))
    image.info["nclx_profile"] = {"type": 1, "color_primaries": 12, "transfer_characteristics": 13}
    assert profile_of(image) == P3

    image.info["nclx_profile"] = {"color_primaries": "?"}
    assert profile_of(image) is None


@pytest.mark.skipif(not features.check("jpg_2000"), reason="needs a Pillow with JPEG 2000")
def test_profile_of_a_jpeg_2000() -> None:
    data = encoded(Image.fromarray(gradient(16, 16)), "JPEG2000")
    header, colour = data.index(b"jp2h") - 4, data.index(b"colr") - 4
    (header_size,), (colour_size,) = (struct.unpack(">I", data[at : at + 4]) for at in (header, colour))
    box = struct.pack(">I", 11 + len(profiles.ADOBE)) + b"colr\2\0\0" + profiles.ADOBE
    grown = struct.pack(">I", header_size + len(box) - colour_size)
    with_profile = data[:header] + grown + data[header + 4 : colour] + box + data[colour + colour_size :]

    assert profile_in(with_profile) == profiles.ADOBE
    assert profile_in(data) is None


def test_spaces_of_profiles() -> None:
    kinds = profiles.LUT, profiles.SCANNER, profiles.ADOBE, SRGB, profiles.GREY, profiles.GREY_V2, profiles.CMYK
    assert [space_of(profile) for profile in kinds] == ["RGB ", "RGB ", "RGB ", "RGB ", "GRAY", "GRAY", "CMYK"]
    assert [is_working_space(profile) for profile in kinds] == [True, False, True, True, False, False, False]


def test_srgb_in_any_form_is_srgb() -> None:
    forms = [None, SRGB, cicp_profile(1, 13), write_rgb_profile(SRGB_PRIMARIES, SRGB_CURVE, version=2)]
    others = [*RGB_PROFILES.values(), write_rgb_profile(SRGB_PRIMARIES, Curve(2.2)), cicp_profile(1, 1)]

    assert all(is_srgb(profile) for profile in forms)
    assert not any(is_srgb(profile) for profile in others)
    assert all(same_space(first, second) for first in forms for second in forms)
    assert not any(same_space(form, other) for form in forms for other in others)


def test_srgb_is_not_converted() -> None:
    image = Image.fromarray(gradient(8, 6))

    assert to_srgb(image, SRGB) is image
    assert from_srgb(image, SRGB) is image
    assert convert(image, profiles.ADOBE, profiles.ADOBE) is image


@pytest.mark.parametrize("source", RGB_PROFILES)
@pytest.mark.parametrize("target", RGB_PROFILES)
def test_conversion_is_that_of_littlecms(source: str, target: str) -> None:
    colours = np.repeat(lattice(), 8, 0)  # more pixels than are converted without shortcuts
    pair = RGB_PROFILES[source], RGB_PROFILES[target]

    found = convert(row(colours), *pair)

    if source == target:
        assert np.array_equal(np.asarray(found)[0], colours)
        return
    difference = np.abs(np.asarray(found)[0] - reference(colours, *pair))
    assert found.mode == "RGB"
    assert "icc_profile" not in found.info
    # LittleCMS's own shortcuts are that far off for dark colours of a table.
    assert difference.max() <= (10 if "table" in (source, target) else 2)
    assert difference.mean() <= 0.2


@pytest.mark.parametrize("name", RGB_PROFILES)
def test_to_srgb_is_within_a_level(name: str) -> None:
    colours = np.repeat(lattice(), 8, 0)

    found = np.asarray(to_srgb(row(colours), RGB_PROFILES[name]))[0]

    assert np.abs(found - reference(colours, RGB_PROFILES[name], SRGB)).max() <= 1


@pytest.mark.parametrize("name", RGB_PROFILES)
def test_named_colours_come_back(name: str) -> None:
    asked = np.array([[32, 160, 255], [255, 0, 0], [30, 122, 52], [200, 40, 40], [255, 255, 255], [0, 0, 0]], np.uint8)

    shown = reference(np.asarray(from_srgb(row(asked), RGB_PROFILES[name]))[0], RGB_PROFILES[name], SRGB)

    # ProPhoto's levels lie wide apart, and the table has 33 steps.
    assert np.abs(shown - asked).max() <= {"wide": 4, "table": 12}.get(name, 1)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_cmyk_become_srgb(mode: str) -> None:
    profile = {"L": profiles.GREY, "CMYK": profiles.CMYK}[mode]
    colours = np.arange(256, dtype=np.uint8) if mode == "L" else lattice(7, 4)

    found = to_srgb(row(colours, mode), profile)

    assert found.mode == "RGB"
    assert np.abs(np.asarray(found)[0] - reference(colours, profile, SRGB, mode)).max() <= 1


def test_lab_without_a_profile_becomes_srgb() -> None:
    ends = to_srgb(row(np.array([[255, 0, 0], [0, 0, 0]], np.uint8), "LAB"), None)

    assert np.abs(np.asarray(ends)[0] - [[255], [0]]).max() <= 1


def test_light_of_srgb_is_exact() -> None:
    codes = np.arange(256) / 255

    assert np.array_equal(
        linear_light(None), np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)
    )
    assert np.array_equal(linear_light(SRGB), linear_light(None))


@pytest.mark.parametrize(
    ("profile", "gamma"), [(profiles.ADOBE, 563 / 256), (profiles.PROPHOTO, 1.8), (cicp_profile(1, 8), 1.0)]
)
def test_light_of_a_gamma(profile: bytes, gamma: float) -> None:
    assert np.abs(linear_light(profile) - (np.arange(256) / 255) ** gamma).max() < 1e-4


def test_light_of_a_table() -> None:
    light = linear_light(profiles.LUT)

    assert np.abs(light - SRGB_CURVE.light(np.arange(256) / 255)).max() < 0.01
    assert (light[0], light[-1]) == (0, 1)
    assert np.all(np.diff(light) >= 0)


def test_light_of_what_is_no_rgb_profile_is_that_of_srgb() -> None:
    assert np.array_equal(linear_light(b"junk"), linear_light(None))
    assert np.array_equal(linear_light(profiles.GREY), linear_light(None))


def test_light_cannot_be_written_to() -> None:
    assert not linear_light(None).flags.writeable
    assert not linear_light(profiles.ADOBE).flags.writeable


def test_primaries_that_swap_channels_are_a_space_like_any_other() -> None:
    swapped = write_rgb_profile(Primaries(SRGB_PRIMARIES.blue, SRGB_PRIMARIES.red, SRGB_PRIMARIES.green), SRGB_CURVE)

    assert not is_srgb(swapped)
    assert np.asarray(to_srgb(Image.new("RGB", (1, 1), (10, 200, 30)), swapped))[0, 0].tolist() == [200, 30, 10]
