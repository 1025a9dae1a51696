"""Results look as they were asked to in a viewer that knows colour profiles."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms
from pspm_runtime import Model, open_photo
from pspm_runtime.colour.cicp import SRGB_CURVE, SRGB_PRIMARIES
from pspm_runtime.colour.icc import Curve, write_rgb_profile
from pspm_runtime.colour.profiles import ADOBE_RGB, from_srgb

from tests.runtime.colour import made_profiles as profiles
from tests.runtime.fake_engine import FakeEngine
from tests.runtime.pictures import encoded, gradient

GAMMA = write_rgb_profile(SRGB_PRIMARIES, Curve(2.2))
SPACES = {
    "Display P3": profiles.DISPLAY_P3,
    "Display P3, version 2": profiles.DISPLAY_P3_V2,
    "Adobe RGB": profiles.ADOBE,
    "ProPhoto": profiles.PROPHOTO,
    "a table": profiles.LUT,
}


def in_space(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture in another space, with its profile."""
    converted = from_srgb(image, profile).copy()
    if profile:
        converted.info["icc_profile"] = profile
    return converted


def shown(image: Image.Image) -> np.ndarray:
    """What a viewer shows of a picture, as sRGB: ImageCms's own conversion."""
    profile = image.info.get("icc_profile")
    spaces = [ImageCms.ImageCmsProfile(io.BytesIO(p) if p else ImageCms.createProfile("sRGB")) for p in (profile, None)]
    converted = ImageCms.profileToProfile(image.convert("RGB"), *spaces, outputMode="RGB")
    return np.asarray(converted).astype(int)


def with_profile_of(source: Image.Image, image: Image.Image) -> Image.Image:
    image.info["icc_profile"] = source.info["icc_profile"]
    return image


@pytest.mark.parametrize("space", SPACES)
def test_network_sees_srgb(fake_model: Model, fake_engine: FakeEngine, space: str) -> None:
    image = Image.fromarray(gradient(300, 400))
    wide = in_space(image, SPACES[space])

    fake_model.predict_alpha(image)
    fake_model.predict_alpha(wide)

    views = [view.astype(int) for view, _ in fake_engine.seen]
    (plain, plain_larger), (seen, seen_larger) = views[:2], views[2:]
    wanted = shown(with_profile_of(wide, fake_model.network_view(open_photo(wide))))
    assert np.abs(seen - wanted).max() <= 1
    assert np.abs(seen - plain).mean() < 1
    assert np.abs(seen_larger - plain_larger).mean() < 1


BLUE, RED, DARK_GREEN, GREY = (32, 160, 255), (255, 0, 0), (30, 122, 52), (128, 128, 128)
BRICK = (200, 40, 40)


def named(colour: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def picture(colour: tuple[int, int, int], profile: bytes | None = None) -> Image.Image:
    """A plain picture of an sRGB colour in another space, with its profile."""
    return in_space(Image.new("RGB", (40, 30), colour), profile)


def grey_picture(level: int) -> Image.Image:
    """A grey picture whose profile has gamma 1.8, so that it shows an sRGB grey of this level."""
    light = SRGB_CURVE.light(np.array(level / 255))
    image = Image.new("L", (40, 30), round(float(light) ** (1 / 1.8) * 255))
    image.info["icc_profile"] = profiles.GREY
    return image


def adobe_by_exif(colour: tuple[int, int, int]) -> bytes:
    return encoded(
        from_srgb(Image.new("RGB", (40, 30), colour), ADOBE_RGB), "PNG", exif=profiles.dcf_exif(65535, "R03")
    )


# The photo's profile, the background, the colour that was asked for, and by how many levels rounding may move it: in
# ProPhoto the levels of dark and saturated colours lie wide apart, and the table has 33 steps.
PAIRS = {
    "sRGB, a name": (None, named(BLUE), BLUE, 0),
    "sRGB, a P3 picture": (None, picture(DARK_GREEN, profiles.DISPLAY_P3), DARK_GREEN, 1),
    "sRGB, an Adobe RGB picture by EXIF": (None, adobe_by_exif(BRICK), BRICK, 1),
    "sRGB, a grey picture": (None, grey_picture(128), GREY, 1),
    "P3, a name": (profiles.DISPLAY_P3, named(DARK_GREEN), DARK_GREEN, 1),
    "P3, an sRGB picture": (profiles.DISPLAY_P3_V2, picture(BRICK), BRICK, 1),
    "P3, a P3 picture": (profiles.DISPLAY_P3, picture(RED, profiles.DISPLAY_P3), RED, 1),
    "P3, an Adobe RGB picture": (profiles.DISPLAY_P3, picture(DARK_GREEN, profiles.ADOBE), DARK_GREEN, 2),
    "Adobe RGB, a name": (profiles.ADOBE, named(RED), RED, 1),
    "Adobe RGB, a P3 picture": (profiles.ADOBE, picture(BLUE, profiles.DISPLAY_P3_V2), BLUE, 2),
    "ProPhoto, a name": (profiles.PROPHOTO, named(BRICK), BRICK, 3),
    "a table, an sRGB picture": (profiles.LUT, picture(BRICK), BRICK, 4),
    "gamma 2.2, a picture by a table": (GAMMA, picture(BLUE, profiles.LUT), BLUE, 4),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_background_is_shown_as_it_was_asked_for(fake_model: Model, pair: str) -> None:
    profile, background, asked, tolerance = PAIRS[pair]
    photo = in_space(Image.fromarray(gradient(300, 400)), profile)

    result = fake_model.replace_background(photo, background)

    assert result.info.get("icc_profile") == profile
    assert np.abs(shown(result)[:20] - asked).max() <= tolerance
    # The person is the photo's, value for value.
    assert np.array_equal(np.asarray(result)[190:210, 140:160], np.asarray(photo)[190:210, 140:160])


@pytest.mark.parametrize("size", [(40, 30), (700, 800)])
def test_background_of_any_size_is_converted(fake_model: Model, size: tuple[int, int]) -> None:
    behind = Image.fromarray(gradient(*size))
    wide = in_space(Image.fromarray(gradient(300, 400)), profiles.DISPLAY_P3)

    plain = fake_model.replace_background(gradient(300, 400), behind)
    result = fake_model.replace_background(wide, behind)

    difference = np.abs(shown(result)[:20] - np.asarray(plain)[:20])
    assert difference.max() <= 4
    assert difference.mean() < 0.5


@pytest.mark.parametrize("space", SPACES)
def test_every_result_carries_the_photos_profile(fake_model: Model, space: str) -> None:
    photo = in_space(Image.fromarray(gradient(300, 400)), SPACES[space])

    for result in (
        fake_model.cut_out(photo),
        fake_model.replace_background(photo, "#fff"),
        fake_model.blur_background(photo, 0),
        fake_model.blur_background(photo, 1),
    ):
        assert result.info["icc_profile"] == SPACES[space]


def test_profile_that_does_not_describe_the_photo_is_not_carried(fake_model: Model) -> None:
    photo = Image.fromarray(gradient(300, 400))
    for profile in (profiles.CMYK, profiles.GREY, b"junk" * 100, profiles.DISPLAY_P3[:300]):
        result = fake_model.cut_out(encoded(photo, "JPEG", icc_profile=profile))
        assert "icc_profile" not in result.info


@pytest.mark.parametrize("space", ["Display P3", "Adobe RGB", "ProPhoto"])
def test_blur_averages_light(fake_model: Model, space: str) -> None:
    """Fine black and white stripes blur to the grey of half the light, which is the same in every space."""
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 190

    plain = fake_model.blur_background(stripes, 1)
    wide = fake_model.blur_background(in_space(Image.fromarray(stripes), SPACES[space]), 1)

    middle = np.asarray(plain)[2:20, 100:300].astype(int).mean()
    assert abs(middle - 138.9) < 2  # the sRGB code of half the light of 190
    assert abs(shown(wide)[2:20, 100:300].mean() - middle) < 2


def test_adobe_rgb_by_exif_looks_like_the_photo(fake_model: Model) -> None:
    image = Image.fromarray(gradient(300, 400))
    file = encoded(
        from_srgb(image, ADOBE_RGB), "JPEG", quality=100, subsampling=0, exif=profiles.dcf_exif(65535, "R03")
    )

    result = fake_model.cut_out(file)

    with Image.open(io.BytesIO(file)) as stored:
        stored.info["icc_profile"] = ADOBE_RGB
        wanted = shown(stored)
    opaque = np.asarray(result.getchannel("A")) == 255
    assert np.array_equal(shown(result)[opaque], wanted[opaque])
    assert np.abs(wanted - np.asarray(image)).mean() < 1
    assert np.abs(np.asarray(result.convert("RGB")) - np.asarray(image).astype(int))[opaque].mean() > 3
