import io

import numpy as np
import pytest
from PIL import Image, ImageCms
from pspm_runtime.colour.cicp import cicp_profile

SRGB = ImageCms.createProfile("sRGB")


def shown(profile: bytes, levels: list[int]) -> np.ndarray:
    """Greys of these levels as an sRGB display shows them."""
    image = Image.fromarray(np.repeat(np.array([levels], np.uint8)[..., None], 3, 2))
    transform = ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(profile)), SRGB, "RGB", "RGB", flags=ImageCms.Flags.NOOPTIMIZE
    )
    return np.asarray(ImageCms.applyTransform(image, transform))[0, :, 0].astype(int)


def of_light(light: np.ndarray) -> np.ndarray:
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055) * 255


@pytest.mark.parametrize("primaries", [0, 3, 10, 23, 255, 60000])
def test_reserved_primaries_have_no_profile(primaries: int) -> None:
    assert cicp_profile(primaries, 13) is None


@pytest.mark.parametrize("transfer", [0, 3, 9, 10, 11, 12, 17, 19, 255])
def test_reserved_and_logarithmic_curves_have_no_profile(transfer: int) -> None:
    assert cicp_profile(1, transfer) is None


def test_unspecified_half_is_that_of_srgb() -> None:
    assert cicp_profile(2, 2) is None
    assert cicp_profile(12, 2) == cicp_profile(12, 13)
    assert cicp_profile(2, 8) == cicp_profile(1, 8)


@pytest.mark.parametrize("primaries", [1, 4, 5, 6, 7, 8, 9, 11, 12, 22])
def test_white_and_greys_of_all_primaries_are_neutral(primaries: int) -> None:
    profile = cicp_profile(primaries, 13)

    assert profile
    assert np.abs(shown(profile, [0, 64, 128, 255]) - [0, 64, 128, 255]).max() <= 1


@pytest.mark.parametrize("transfer", [1, 6, 14, 15])
def test_bt_709_curve(transfer: int) -> None:
    levels = np.arange(0, 256, 5)
    codes = levels / 255
    light = np.where(codes < 0.081, codes / 4.5, ((codes + 0.099) / 1.099) ** (1 / 0.45))

    assert np.abs(shown(cicp_profile(1, transfer) or b"", levels.tolist()) - of_light(light)).max() <= 1


@pytest.mark.parametrize(("transfer", "gamma"), [(4, 2.2), (5, 2.8), (8, 1.0)])
def test_gamma_curves(transfer: int, gamma: float) -> None:
    levels = np.arange(0, 256, 5)

    assert (
        np.abs(shown(cicp_profile(1, transfer) or b"", levels.tolist()) - of_light((levels / 255) ** gamma)).max() <= 1
    )


def test_narrow_range_has_black_at_16_and_white_at_235() -> None:
    assert shown(cicp_profile(1, 13, False) or b"", [0, 16, 125, 126, 235, 255]).tolist() == [0, 0, 127, 128, 255, 255]


@pytest.mark.parametrize(("transfer", "white"), [(16, 0.5806888), (18, 0.7498773)])
def test_hdr_is_shown_with_its_highlights_compressed(transfer: int, white: float) -> None:
    profile = cicp_profile(9, transfer) or b""
    levels = shown(profile, list(range(256)))

    # Diffuse white of 203 cd/m2 (ITU-R BT.2408) comes out at light of about a half: 188 of 255.
    assert abs(levels[round(white * 255)] - 190) <= 3
    assert levels[0] == 0
    assert levels[-1] == 255
    assert np.all(np.diff(levels) >= 0)
    assert b"cicp" + bytes(4) + bytes([9, transfer, 0, 1]) in profile
