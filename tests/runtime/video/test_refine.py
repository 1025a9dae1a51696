"""The quick refinement of frames against that of photos."""

import numpy as np
import pytest
from PIL import Image
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.look import Look
from pspm_runtime.stages.refine import refine
from pspm_runtime.video.matting import Shot
from pspm_runtime.video.refine import refine_frame


def frame(size: tuple[int, int], view: tuple[int, int], hole: float = 0) -> tuple[np.ndarray, Image.Image, Image.Image]:
    """A soft disc over a pattern: the matte at the size of the view, the view, and the picture."""
    down, across = np.mgrid[: size[1], : size[0]]
    distance = np.hypot(across / size[0] - 0.4, down / size[1] - 0.6)
    alpha = np.clip(0.5 - (distance - 0.3) * 12, 0, 1) * np.clip((distance - hole) * 20, 0, 1)
    grain = np.random.default_rng(0).normal(0, 8, (*size[::-1], 3))
    image = Image.fromarray(np.clip(60 + 150 * alpha[..., None] + grain, 0, 255).astype(np.uint8))
    small = np.asarray(Image.fromarray(alpha.astype(np.float32)).resize(view, Image.Resampling.BOX))
    return small, image.resize(view, Image.Resampling.BILINEAR), image


@pytest.mark.parametrize(
    ("size", "view"),
    [((640, 360), (416, 256)), ((333, 500), (160, 256)), ((300, 200), (288, 192)), ((90, 60), (96, 64))],
)
@pytest.mark.parametrize("hole", [0, 0.15])
def test_it_is_that_of_photos_within_a_level(size: tuple[int, int], view: tuple[int, int], hole: float) -> None:
    given = frame(size, view, hole)

    quick, exact = (np.asarray(f(*given), np.int16) for f in (refine_frame, refine))

    assert np.abs(quick - exact).max() <= 1
    assert (quick != exact).mean() < 1e-3


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_flat_mattes(value: float) -> None:
    _, view, image = frame((64, 48), (32, 16))
    alpha = np.full((16, 32), value, np.float32)

    assert np.array_equal(refine_frame(alpha, view, image), refine(alpha, view, image))


def test_the_first_frame_of_a_scene_is_exactly_a_photos() -> None:
    alpha, view, image = frame((640, 360), (416, 256))
    shot = Shot(None, Photo(image), [Look((0, 0, *image.size), alpha, view)])

    assert np.array_equal(shot.matte, refine(alpha, view, image))
