"""Small photos are enlarged before their tiles, and the matte is reduced to the photo's size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pspm_runtime.stages.network_view import InputSize
from pspm_runtime.stages.tiles import matte_in_tiles

from tests.runtime.pictures import noise
from tests.runtime.stages.test_tiles import Counting, blurred, ring

ENLARGED = InputSize(96, 32, 1024, overlap=32, enlarge_to=400)
# One tile holds every photo of these tests.
WHOLE = InputSize(1024, 32, 1024, overlap=32, enlarge_to=400)
OWN_SIZE = InputSize(96, 32, 1024, overlap=32)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((720, 540), (1440, 1080)),
        ((1200, 1000), (1577, 1315)),
        ((1440, 1440), (1440, 1440)),
        ((4000, 3000), (4000, 3000)),
        ((1, 1), (2, 2)),
        ((1, 1_000_000), (1, 1_440_000)),
    ],
)
def test_a_photo_is_enlarged_to_the_area_at_most_twofold(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert InputSize(640, 32, 1024, overlap=160, enlarge_to=1440).enlarged(*size) == expected
    assert InputSize(640, 32, 1024, overlap=160).enlarged(*size) == size


def test_the_network_sees_the_photo_enlarged_and_the_trimap_repeated() -> None:
    photo, trimap = Image.fromarray(noise(50, 40)), ring(50, 40)
    seen = []

    def look(tile: Image.Image, known: np.ndarray) -> np.ndarray:
        seen.append((np.asarray(tile), known))
        return np.zeros(known.shape, np.float32)

    matte_in_tiles(look, photo, trimap, WHOLE)
    ((tile, known),) = seen
    assert tile.shape == (96, 128, 3)
    assert np.array_equal(tile[:80, :100], np.asarray(photo.resize((100, 80), Image.Resampling.BICUBIC)))
    drawn = np.kron(np.asarray(trimap), np.ones((2, 2), np.uint8))
    assert np.array_equal(known[:80, :100], (drawn == 255).astype(np.float32) - (drawn == 0))


@pytest.mark.parametrize(("bits", "level", "dtype"), [(8, 257, np.uint8), (16, 1, np.uint16)])
def test_a_pixel_gets_the_mean_of_its_area(bits: int, level: int, dtype: type) -> None:
    photo, trimap = Image.new("RGB", (64, 48)), ring(64, 48)
    fine = np.random.default_rng(1).random((96, 128)).astype(np.float32)
    found = matte_in_tiles(lambda tile, known: fine, photo, trimap, WHOLE, bits)
    drawn = np.kron(np.asarray(trimap), np.ones((2, 2), np.uint8))
    kept = np.where(drawn == 128, np.rint(fine * 65535), drawn * 257.0)
    means = kept.reshape(48, 2, 64, 2).mean((1, 3))
    unknown = np.asarray(trimap) == 128
    assert found.dtype == dtype
    assert np.array_equal(found[unknown], np.rint(means[unknown] / level).astype(dtype))


@given(st.integers(1, 150), st.integers(1, 150), st.sampled_from([8, 16]))
def test_known_pixels_equal_the_trimap_at_every_size(width: int, height: int, bits: int) -> None:
    rng = np.random.default_rng(width * 1000 + height)
    drawn = rng.choice(np.array([0, 128, 255], np.uint8), (height, width))
    photo = Image.fromarray(rng.integers(0, 256, (height, width, 3), np.uint8))
    found = matte_in_tiles(
        lambda tile, known: np.where(known == 0, np.float32(0.25), np.float32(0.75)),
        photo,
        Image.fromarray(drawn),
        InputSize(160, 32, 1024, overlap=32, enlarge_to=120),
        bits,
    )
    known = drawn != 128
    assert found.shape == drawn.shape
    assert np.array_equal(found[known], drawn[known] * (1 if bits == 8 else np.uint16(257)))


@pytest.mark.parametrize("width", [97, 200, 331])
def test_enlarged_tiles_leave_no_seam(width: int) -> None:
    photo, trimap = Image.fromarray(noise(width, 180)), ring(width, 180)
    tiled, whole = (matte_in_tiles(blurred, photo, trimap, size).astype(int) for size in (ENLARGED, WHOLE))
    assert tiled.shape == (180, width)
    assert np.abs(tiled - whole).max() <= 1
    assert len(np.unique(tiled[np.asarray(trimap) == 128])) > 20


def test_a_matte_of_16_bits_is_the_finer_one() -> None:
    photo, trimap = Image.fromarray(noise(150, 170)), ring(150, 170)
    coarse, fine = (matte_in_tiles(blurred, photo, trimap, ENLARGED, bits) for bits in (8, 16))
    assert np.array_equal(np.rint(fine / 257), coarse)
    assert len(np.unique(fine)) > 1000


def test_a_large_photo_is_looked_at_at_its_own_size() -> None:
    photo, trimap = Image.fromarray(noise(410, 400)), ring(410, 400)
    assert np.array_equal(
        matte_in_tiles(blurred, photo, trimap, ENLARGED), matte_in_tiles(blurred, photo, trimap, OWN_SIZE)
    )


def test_only_tiles_with_unknown_pixels_are_run() -> None:
    drawn = np.zeros((200, 200), np.uint8)
    counting = Counting()
    assert not matte_in_tiles(counting, Image.fromarray(noise(200, 200)), Image.fromarray(drawn), ENLARGED).any()
    assert counting.sizes == []
    drawn[100, 100] = 128
    matte_in_tiles(counting, Image.fromarray(noise(200, 200)), Image.fromarray(drawn), ENLARGED)
    assert 1 <= len(counting.sizes) <= 4
