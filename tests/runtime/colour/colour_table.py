"""Colours that were asked for as a background, and what a colour-managed viewer shows.

python -m tests.runtime.colour.colour_table prints the table of docs/pictures.md.
"""

import io
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import tifffile
from PIL import Image, ImageCms
from pspm_runtime import Model
from pspm_runtime.colour.cicp import SRGB_CURVE, SRGB_PRIMARIES
from pspm_runtime.colour.icc import Curve, write_rgb_profile
from pspm_runtime.colour.profiles import ADOBE_RGB
from pspm_runtime.tables import markdown_table

from tests.runtime.colour import made_profiles as profiles
from tests.runtime.fake_engine import FakeEngine
from tests.runtime.pictures import encoded, gradient

Colour = tuple[int, ...]

SIZE = 300, 400
GREEN, BRICK, BLUE, ORANGE, GREY = (30, 122, 52), (200, 40, 40), (32, 160, 255), (240, 150, 30), (128, 128, 128)
GAMMA = write_rgb_profile(SRGB_PRIMARIES, Curve(2.2), name="gamma 2.2")


class Pair(NamedTuple):
    """A photo and a background. space: of the photo's result, None for sRGB. code: the background's, in its space."""

    photo: str
    background: str
    photo_file: Any
    background_file: Any
    space: bytes | None
    code: Colour
    code_space: bytes | None


class Row(NamedTuple):
    """What a pair gives: colours as sRGB, and the codes in the photo's space by ImageCms and by the result."""

    pair: Pair
    asked: Colour
    shown: Colour
    wanted_code: Colour
    code: Colour


def converted(code: Colour, source: bytes | None, target: bytes | None, mode: str = "RGB") -> Colour:
    """A colour of one space in another, by ImageCms."""
    opened = [
        ImageCms.ImageCmsProfile(io.BytesIO(p) if p else ImageCms.createProfile("sRGB")) for p in (source, target)
    ]
    transform = ImageCms.buildTransform(*opened, mode, "RGB", flags=ImageCms.Flags.NOOPTIMIZE)
    image = Image.new(mode, (1, 1), code if len(code) > 1 else code[0])
    return tuple(np.asarray(ImageCms.applyTransform(image, transform))[0, 0].tolist())


def photo_file(profile: bytes | None, kind: str = "JPEG", mode: str = "RGB", **options: Any) -> bytes:
    return encoded(Image.fromarray(gradient(*SIZE)).convert(mode), kind, **options, icc_profile=profile)


def wide_photo_file(profile: bytes) -> bytes:
    """A TIFF with 16 bits a channel and a profile."""
    buffer = io.BytesIO()
    pixels = gradient(*SIZE).astype(np.uint16) * 257
    tifffile.imwrite(buffer, pixels, photometric="rgb", iccprofile=profile)
    return buffer.getvalue()


def picture(code: Colour, profile: bytes | None = None, mode: str = "RGB", **options: Any) -> bytes:
    image = Image.new(mode, (40, 30), code if len(code) > 1 else code[0])
    return encoded(image, "TIFF", icc_profile=profile, **options)


def in_space(colour: Colour, profile: bytes) -> Colour:
    return converted(colour, None, profile)


def pairs() -> Iterator[Pair]:
    """Twelve pairs of kinds of profiles."""
    p3, p3_v2, adobe, wide = profiles.DISPLAY_P3, profiles.DISPLAY_P3_V2, profiles.ADOBE, profiles.PROPHOTO
    table, table_4, cmyk, grey = profiles.LUT, profiles.LUT_V4, profiles.CMYK, profiles.GREY
    yield Pair("none", "#1e7a34", photo_file(None), "#1e7a34", None, GREEN, None)
    code = in_space(GREEN, p3)
    yield Pair("none", "Display P3, v4", photo_file(None), picture(code, p3), None, code, p3)
    yield Pair("Display P3, v4", "#1e7a34", photo_file(p3), "#1e7a34", p3, GREEN, None)
    yield Pair("Display P3, v2", "no profile", photo_file(p3_v2), picture(BRICK), p3_v2, BRICK, None)
    by_exif = photo_file(None, exif=profiles.dcf_exif(65535, "R03"))
    yield Pair("Adobe RGB by EXIF", "#c82828", by_exif, "#c82828", ADOBE_RGB, BRICK, None)
    code = in_space(BLUE, adobe)
    yield Pair("Display P3, v4", "Adobe RGB, v2", photo_file(p3), picture(code, adobe), p3, code, adobe)
    yield Pair("ProPhoto, 16 bits", "#f0961e", wide_photo_file(wide), "#f0961e", wide, ORANGE, None)
    code = in_space(BLUE, table)
    yield Pair("table, v4", "table, v2", photo_file(table_4), picture(code, table), table_4, code, table)
    yield Pair("CMYK table", "#20a0ff", photo_file(cmyk, mode="CMYK"), "#20a0ff", None, BLUE, None)
    inks = (20, 180, 200, 10)
    yield Pair("gamma 2.2", "CMYK table", photo_file(GAMMA), picture(inks, cmyk, "CMYK"), GAMMA, inks, cmyk)
    level = (round(float(SRGB_CURVE.light(np.array(128 / 255))) ** (1 / 1.8) * 255),)
    yield Pair(
        "grey, gamma 1.8", "grey, gamma 1.8", photo_file(grey, mode="L"), picture(level, grey, "L"), None, level, grey
    )
    broken = profiles.DISPLAY_P3[:300]
    yield Pair("broken", "broken", photo_file(broken), picture(GREY, broken), None, GREY, None)


def rows() -> Iterator[Row]:
    """Compose each pair, and read a pixel of the background."""
    model = Model(FakeEngine())
    for pair in pairs():
        result = model.replace_background(pair.photo_file, pair.background_file)
        assert result.info.get("icc_profile") == pair.space
        profile = result.info.get("icc_profile")
        code = tuple(np.asarray(result)[5, 5].tolist())
        mode = {1: "L", 3: "RGB", 4: "CMYK"}[len(pair.code)]
        yield Row(
            pair,
            converted(pair.code, pair.code_space, None, mode),
            converted(code, profile, None),
            converted(pair.code, pair.code_space, pair.space, mode),
            code,
        )


def table() -> str:
    """The table in Markdown."""
    cells = [["photo's profile", "background", "asked, sRGB", "shown, sRGB", "in the file"]]
    for row in rows():
        colours = (", ".join(map(str, colour)) for colour in (row.asked, row.shown, row.code))
        cells.append([row.pair.photo, row.pair.background, *colours])
    return markdown_table(cells)


if __name__ == "__main__":
    print(table())
