"""RGB and back, with the matrix and range that a video has."""

import numpy as np
import pytest
from PIL import Image

from tests.runtime.video.clips import av

colour = pytest.importorskip("pspm_runtime.video.container.colour")
# Red, green and blue in luma.
WEIGHTS = {1: (0.2126, 0.7152, 0.0722), 6: (0.299, 0.587, 0.114), 9: (0.2627, 0.6780, 0.0593)}
COLOURS = np.array([(255, 0, 0), (0, 255, 0), (0, 0, 255), (200, 30, 90), (255, 255, 255), (0, 0, 0)], np.uint8)


def of_matrix(matrix: int, *, full: bool = False):  # type: ignore[no-untyped-def]
    return colour.StreamColour(matrix, 2, 2, full)


@pytest.mark.parametrize("matrix", [1, 6, 9])
def test_luma_has_the_weights_of_the_matrix(matrix: int) -> None:
    flat = np.repeat(np.repeat(COLOURS[None], 16, 0), 16, 1)

    frame = of_matrix(matrix).to_frame(Image.fromarray(flat), "yuv444p")

    luma = frame.to_ndarray()[0][0, 8::16].astype(float)
    expected = 16 + 219 * (COLOURS / 255) @ WEIGHTS[matrix]
    assert np.abs(luma - expected).max() <= 1
    assert (frame.colorspace, frame.color_range) == (matrix, 1)


@pytest.mark.parametrize("matrix", [1, 6, 9])
def test_there_and_back(matrix: int) -> None:
    flat = np.repeat(np.repeat(COLOURS[None], 16, 0), 16, 1)
    stream = of_matrix(matrix)

    back = np.asarray(stream.to_rgb(stream.to_frame(Image.fromarray(flat), "yuv444p")))

    assert np.abs(back[:, 8::16].astype(int) - COLOURS).max() <= 2


@pytest.mark.parametrize(("full", "grey"), [(True, 189), (False, 202)])
def test_range(full: bool, grey: int) -> None:
    frame = av.VideoFrame(16, 16, "gray")
    frame.planes[0].update(bytes([189]) * frame.planes[0].buffer_size)

    assert of_matrix(1, full=full).to_rgb(frame.reformat(format="yuv420p")).getpixel((4, 4)) is not None
    yuv = av.VideoFrame(16, 16, "yuv420p")
    for plane, value in zip(yuv.planes, (189, 128, 128), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    red, green, blue = of_matrix(1, full=full).to_rgb(yuv).getpixel((4, 4))
    assert abs(red - grey) <= 1
    assert red == green == blue


@pytest.mark.parametrize(("size", "matrix"), [((1280, 720), 1), ((720, 1280), 1), ((720, 576), 6), ((640, 360), 6)])
def test_untagged_hd_is_bt_709(size: tuple[int, int], matrix: int) -> None:
    assert colour.StreamColour.of(av.VideoFrame(*size, "yuv420p")).matrix == matrix


def test_only_hdr_and_wide_primaries_have_a_profile() -> None:
    assert of_matrix(1).profile is None
    assert colour.StreamColour(1, 1, 1, False).profile is None
    pq = colour.StreamColour(9, 9, 16, False).profile
    wide = colour.StreamColour(9, 9, 14, False).profile
    assert pq and wide and pq != wide
