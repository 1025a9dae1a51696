"""Results look as they were asked to in a viewer that knows colour profiles."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms
from pspm_runtime import Model, open_photo
from pspm_runtime.files.colour import from_srgb

from tests.runtime.fake_engine import FakeEngine
from tests.runtime.files import profiles
from tests.runtime.pictures import gradient

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

    plain, seen = (view.astype(int) for view, _ in fake_engine.seen)
    wanted = shown(with_profile_of(wide, fake_model.network_view(open_photo(wide))))
    assert np.abs(seen - wanted).max() <= 1
    assert np.abs(seen - plain).mean() < 1
