import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pspm_runtime.stages.enlarge import Enlarged

from tests.runtime.pictures import noise

SMALL = st.integers(1, 12)
SIDES = st.integers(1, 90)


@given(small=st.tuples(SMALL, SMALL), width=SIDES, height=SIDES, data=st.data())
def test_tile_is_that_of_a_bilinear_resize(
    small: tuple[int, int], width: int, height: int, data: st.DataObject
) -> None:
    width, height = max(width, small[0]), max(height, small[1])
    picture = noise(*small)
    left, top = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    right, bottom = data.draw(st.integers(left + 1, width)), data.draw(st.integers(top + 1, height))

    tile = Enlarged(picture.astype(np.int16), (width, height)).crop((left, top, right, bottom))

    whole = np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR)).astype(int)
    assert tile.shape == (bottom - top, right - left, 3)
    assert tile.min() >= 0
    assert tile.max() <= 255
    assert np.abs(tile - whole[top:bottom, left:right]).max() <= 4


def test_picture_of_the_same_size_is_itself() -> None:
    picture = noise(40, 30)

    assert np.array_equal(Enlarged(picture.astype(np.int16), (40, 30)).crop((0, 0, 40, 30)), picture)


def test_ramp_stays_even() -> None:
    ramp = np.array([[[0], [128]]], np.uint8)

    tile = Enlarged(ramp.astype(np.int16), (8, 1)).crop((0, 0, 8, 1))

    assert tile[0, :, 0].tolist() == [0, 0, 16, 48, 80, 112, 128, 128]
