"""Mattes in tiles: without seams, only where the trimap is unknown, and right in wide unknown regions."""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter
from pspm_runtime.stages.network_view import InputSize
from pspm_runtime.stages.tiles import matte_in_tiles, spans, unknown_depth

from tests.runtime.pictures import disc, noise

SIDE, OVERLAP = 96, 32
TILED = InputSize(SIDE, 32, 1024, overlap=OVERLAP)
WHOLE = InputSize(1024, 32, 1024, overlap=OVERLAP)
# A tile's alpha is right where this many pixels around are in the tile.
CONTEXT = OVERLAP // 4 - 1


def blurred(tile: Image.Image, known: np.ndarray) -> np.ndarray:
    """A network that sees `CONTEXT` pixels far: the blurred brightness, and a share of the trimap around."""
    grey = np.asarray(tile.convert("L").filter(ImageFilter.BoxBlur(CONTEXT)), np.float32) / 255
    trimap = Image.fromarray(np.rint((known + 1) * 127).astype(np.uint8)).filter(ImageFilter.BoxBlur(CONTEXT))
    mixed: np.ndarray = 0.7 * grey + 0.3 * np.asarray(trimap, np.float32) / 254
    return mixed


def ring(width: int, height: int, softness: float = 0.3) -> Image.Image:
    soft = disc(width, height, softness=softness, share=0.7)
    return Image.fromarray(np.where(soft > 0.9, 255, np.where(soft > 0.1, 128, 0)).astype(np.uint8))


class Counting:
    """Counts the tiles, and remembers their sizes."""

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []

    def __call__(self, tile: Image.Image, known: np.ndarray) -> np.ndarray:
        self.sizes.append(tile.size)
        return blurred(tile, known)


@given(st.integers(1, 700), st.integers(2, 200), st.integers(1, 100))
def test_tiles_cover_every_pixel_once(length: int, side: int, overlap: int) -> None:
    overlap = min(overlap, side // 2)
    found = spans(length, side, overlap)
    total = np.zeros(max(length, side))
    for span in found:
        assert 0 <= span.start <= max(0, length - side)
        total[span.start : span.start + side] += span.weights
    assert np.abs(total - 1).max() < 1e-6
    margin = overlap // 4
    for before, after in pairwise(found):
        assert before.start + side - after.start >= overlap
        assert (before.weights[side - margin :] == 0).all()
        assert (after.weights[:margin] == 0).all()


@pytest.mark.parametrize(("width", "height"), [(300, 260), (97, 400), (500, 96), (96, 96), (130, 131)])
def test_tiles_leave_no_seam(width: int, height: int) -> None:
    photo, trimap = Image.fromarray(noise(width, height)), ring(width, height)
    tiled, whole = (matte_in_tiles(blurred, photo, trimap, size).astype(int) for size in (TILED, WHOLE))
    assert tiled.shape == (height, width)
    assert np.abs(tiled - whole).max() <= 1
    known = np.asarray(trimap)
    assert (tiled[known != 128] == known[known != 128]).all()
    assert len(np.unique(tiled[known == 128])) > 20


@pytest.mark.parametrize(("width", "height"), [(1, 1), (5, 3), (40, 1), (1, 300), (33, 64)])
def test_a_small_photo_is_padded(width: int, height: int) -> None:
    photo = Image.fromarray(noise(width, height))
    counting = Counting()
    matte = matte_in_tiles(counting, photo, Image.new("L", (width, height), 128), TILED)
    assert matte.shape == (height, width)
    assert all(across % 32 == 0 and down % 32 == 0 for across, down in counting.sizes)


def test_a_network_of_one_size_gets_that_size() -> None:
    counting = Counting()
    size = InputSize(80, 16, 96, ((96, 64),), OVERLAP)
    matte_in_tiles(counting, Image.fromarray(noise(150, 40)), Image.new("L", (150, 40), 128), size)
    assert set(counting.sizes) == {(96, 64)}


def test_only_tiles_with_unknown_pixels_are_run() -> None:
    photo = Image.fromarray(noise(640, 640))
    trimap = np.zeros((640, 640), np.uint8)
    counting = Counting()
    assert not matte_in_tiles(counting, photo, Image.fromarray(trimap), TILED).any()
    assert counting.sizes == []
    trimap[300:310, 300:310] = 128
    matte_in_tiles(counting, photo, Image.fromarray(trimap), TILED)
    assert 1 <= len(counting.sizes) <= 4
    trimap[:] = 128
    counting.sizes.clear()
    matte_in_tiles(counting, photo, ring(640, 640), TILED)
    assert len(counting.sizes) > 20


def test_every_unknown_pixel_is_decided() -> None:
    """Single unknown pixels everywhere, also in the corners and along the seams."""
    rng = np.random.default_rng(0)
    drawn = np.where(rng.random((300, 310)) < 0.02, 128, 255).astype(np.uint8)
    drawn[0, 0] = drawn[-1, -1] = drawn[0, -1] = 128
    size = InputSize(SIDE, 32, 1024, overlap=OVERLAP)
    photo = Image.fromarray(noise(310, 300))
    found = matte_in_tiles(
        lambda tile, known: np.full(known.shape, 0.25, np.float32), photo, Image.fromarray(drawn), size
    )
    assert (found[drawn == 128] == 64).all()
    assert (found[drawn == 255] == 255).all()


def test_the_same_photo_gives_the_same_matte() -> None:
    photo, trimap = Image.fromarray(noise(200, 300)), ring(200, 300)
    first, second = (matte_in_tiles(blurred, photo, trimap, TILED).tobytes() for _ in range(2))
    assert first == second


def test_a_matte_of_16_bits_is_the_finer_one() -> None:
    photo, trimap = Image.fromarray(noise(200, 180)), ring(200, 180)
    coarse, fine = (matte_in_tiles(blurred, photo, trimap, TILED, bits) for bits in (8, 16))
    assert fine.dtype == np.uint16
    assert np.abs(fine / 257 - coarse).max() <= 0.51
    assert len(np.unique(fine)) > 1000
    known = np.asarray(trimap)
    assert (fine[known != 128] == known[known != 128] * 257.0).all()


def needs_known(tile: Image.Image, known: np.ndarray) -> np.ndarray:
    """A network that is right, by the tile's red, only where the tile has known pixels; else it answers 0.5."""
    red = np.asarray(tile, np.float32)[..., 0] / 255
    return red if (known != 0).any() else np.full(known.shape, 0.5, np.float32)


def test_a_wide_unknown_region_is_looked_at_from_farther_away_first() -> None:
    side = 1200
    photo = np.zeros((side, side, 3), np.uint8)
    photo[300:900, 300:900] = 255
    drawn = np.full((side, side), 128, np.uint8)
    drawn[:40], drawn[590:610, 590:610] = 0, 255
    size = InputSize(128, 32, 1024, overlap=OVERLAP)
    matte = matte_in_tiles(needs_known, Image.fromarray(photo), Image.fromarray(drawn), size)
    away = np.ones((side, side), bool)
    away[292:908, 292:908], away[308:892, 308:892] = False, True
    assert (matte[away] == photo[..., 0][away]).mean() > 0.999


def test_a_coarse_matte_decides_only_what_is_far_from_its_edges() -> None:
    """The photo is black to the left of pixel 450. At half its size, pixels 224 and 225 are a mixture."""
    photo = np.zeros((900, 900, 3), np.uint8)
    photo[:, 450:] = 255
    drawn = np.full((900, 900), 128, np.uint8)
    drawn[:20] = 0

    def brightness_from_afar(tile: Image.Image, known: np.ndarray) -> np.ndarray:
        red = np.asarray(tile, np.float32)[..., 0] / 255
        return red if tile.width < 640 else np.full(known.shape, 0.25, np.float32)

    size = InputSize(640, 32, 1024, overlap=160)
    matte = matte_in_tiles(brightness_from_afar, Image.fromarray(photo), Image.fromarray(drawn), size)
    expected = np.full(900, 64)
    expected[: 2 * (224 - 8)], expected[2 * (226 + 8) :] = 0, 255
    assert not matte[:20].any()
    assert (matte[20 + 2 * 8 :] == expected).all()


@pytest.mark.parametrize(("side", "sizes"), [(600, [608]), (700, [352] + 4 * [640])])
def test_a_photo_that_fits_one_tile_is_looked_at_once(side: int, sizes: list[int]) -> None:
    drawn = np.full((side, side), 128, np.uint8)
    drawn[0] = 0
    counting = Counting()
    size = InputSize(640, 32, 1024, overlap=160)
    matte_in_tiles(counting, Image.fromarray(noise(side, side)), Image.fromarray(drawn), size)
    assert counting.sizes == [(length, length) for length in sizes]


@pytest.mark.parametrize(("width", "depth"), [(0, 0), (20, 0), (64, 32), (200, 112), (640, 320)])
def test_the_depth_of_the_unknown_region(width: int, depth: int) -> None:
    drawn = np.zeros((704, 704), np.uint8)
    drawn[:, 16 : 16 + width] = 128
    found = unknown_depth(Image.fromarray(drawn))
    assert abs(found - depth) <= 16


def test_memory_is_bounded_by_the_photo() -> None:
    """Arrays take less than three bytes a pixel beside the photo and the trimap; images of Pillow are not counted."""
    side = 2400
    photo, trimap = Image.new("RGB", (side, side), "grey"), ring(side, side, 0.05)
    size = InputSize(256, 32, 1024, overlap=64)
    tracemalloc.start()
    matte_in_tiles(lambda tile, known: np.full(known.shape, 0.5, np.float32), photo, trimap, size)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * side * side
