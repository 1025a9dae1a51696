"""Compare the iOS demo's Metal shaders with the Python runtime. `make ios` compiles them as C++, to run on the CPU."""

from typing import Any

import numpy as np
import pytest
from PIL import Image
from pspm_runtime.files.photo import Photo
from pspm_runtime.files.sample import sample_photo
from pspm_runtime.model import Model
from pspm_runtime.stages import refine as refining
from pspm_runtime.stages.bokeh import BACKGROUND_WEIGHT, LIGHT, blur_background, disc_blur, to_codes
from pspm_runtime.stages.foreground import estimate_foreground

from tests.apps.shaders import Box, Texture, blurred_view, compiled_shaders

pytestmark = pytest.mark.slow

COLOUR = np.array([32, 160, 255]) / 255


@pytest.fixture(scope="module")
def shaders() -> Any:
    return compiled_shaders()


class Frame:
    """A portrait as a camera frame, with its view, alpha and the linear models of its matte."""

    def __init__(self) -> None:
        with Image.open(sample_photo()) as sample:
            self.image = sample.convert("RGB").crop((64, 0, 448, 512))
        self.view = self.image.resize((192, 256), Image.Resampling.BILINEAR)
        self.alpha = Model("mobile", threads=2).engine.alpha(np.asarray(self.view))
        self.matte = refining.refine(self.alpha, self.view, self.image)
        self.settled = refining.settle(self.alpha)
        guide = np.asarray(self.view.convert("L"), np.float32) / 255
        self.models = np.stack(refining.linear_models(guide, self.settled), -1)
        self.whole = Box(0, 0, *self.image.size)


@pytest.fixture(scope="module")
def frame() -> Frame:
    return Frame()


def colours(image: Image.Image) -> np.ndarray:
    return np.asarray(image, np.float32) / 255


def composed(shaders: Any, frame: Frame, backdrop: np.ndarray) -> np.ndarray:
    """Compose the frame's person over a backdrop: (H, W, 3)."""
    view, alpha = Texture(colours(frame.view)), Texture(frame.settled[..., None])
    person, background = Texture.empty(96, 128), Texture.empty(96, 128)
    result = Texture.empty(*frame.image.size)
    shaders.run_foreground(view, alpha, person, background, 8)
    behind = Texture(backdrop)
    shaders.run_compose(
        Texture(colours(frame.image)),
        Texture(frame.models),
        person,
        background,
        behind,
        result,
        frame.whole,
        Box(0, 0, behind.width, behind.height),
    )
    assert np.isfinite(result.array).all()
    return result.array[..., :3]


@pytest.mark.parametrize("part", [(0, 0, 384, 512), (0, 112, 384, 288), (40, 20, 96, 128), (7, 9, 61, 83)])
def test_the_view_matches_pillow(shaders: Any, frame: Frame, part: tuple[int, int, int, int]) -> None:
    view = Texture.empty(96, 128)
    shaders.run_network_view(Texture(colours(frame.image)), view, Box(*part))

    left, top, width, height = part
    box = left, top, left + width, top + height
    channels = [Image.fromarray(plane) for plane in np.moveaxis(colours(frame.image), -1, 0)]
    expected = np.stack([np.asarray(x.resize((96, 128), Image.Resampling.BILINEAR, box=box)) for x in channels], -1)
    assert np.abs(view.array[..., :3] - expected).max() < 1e-4


def test_the_matte_matches_the_runtime(shaders: Any, frame: Frame) -> None:
    # With white estimates over a black backdrop, the result depends only on the matte and the frame.
    white, black = np.ones((1, 1, 3)), np.zeros((1, 1, 3))
    pixels = colours(frame.image)
    result = Texture.empty(*frame.image.size)
    shaders.run_compose(
        Texture(pixels),
        Texture(frame.models),
        Texture(white),
        Texture(white),
        Texture(black),
        result,
        frame.whole,
        Box(0, 0, 1, 1),
    )
    alpha = np.asarray(frame.matte, np.float32)[..., None] / 255
    # The estimates f = b = 1 give F = 1 + a (I - 1), and the result is a F.
    expected = alpha * np.clip(1 + alpha * (pixels - 1), 0, 1)
    error = np.abs(result.array[..., :3] - expected)
    assert error.mean() < 1e-3
    assert np.quantile(error, 0.999) < 0.02


def test_a_new_background_matches_the_runtime_up_to_coarser_colours(shaders: Any, frame: Frame) -> None:
    found = composed(shaders, frame, COLOUR[None, None])
    alpha = np.asarray(frame.matte, np.float32)[..., None] / 255
    expected = alpha * colours(estimate_foreground(frame.image, frame.matte)) + (1 - alpha) * COLOUR
    soft = (alpha[..., 0] > 0.05) & (alpha[..., 0] < 0.95)

    fringed = alpha * colours(frame.image) + (1 - alpha) * COLOUR
    assert np.abs(found - expected).mean() < 3e-3
    assert np.abs(found - expected)[soft].mean() < np.abs(fringed - expected)[soft].mean()


def test_a_blurred_background_matches_the_runtime_up_to_its_resolution(shaders: Any, frame: Frame) -> None:
    strength = 0.5
    view, alpha = Texture(colours(frame.view)), Texture(frame.settled[..., None])
    found = composed(shaders, frame, blurred_view(shaders, view, alpha, strength * 0.035 * 256))

    expected = colours(blur_background(Photo(frame.image), frame.matte, strength))
    sharp = np.abs(colours(frame.image) - expected).mean()
    assert np.abs(found - expected).mean() < 0.01 < 0.4 * sharp


@pytest.mark.parametrize("radius", [3.0, 8.0])
def test_behind_an_uncertain_matte_the_blur_matches_the_runtime(shaders: Any, frame: Frame, radius: float) -> None:
    codes = np.full((256, 192), 150, np.uint8)
    codes[:, :40] = 0
    found = blurred_view(shaders, Texture(colours(frame.view)), Texture(codes[..., None] / 255), radius)

    weight = BACKGROUND_WEIGHT[codes][None]
    light = LIGHT[np.asarray(frame.view)].transpose(2, 0, 1) * weight
    expected = to_codes(disc_blur(light, weight, radius)).reshape(128, 2, 96, 2, 3).mean((1, 3)) / 255
    error = np.abs(found - expected)
    assert error[:, 40:].max() < 8e-3
    assert error.mean() < 4e-3


def test_the_person_does_not_bleed_into_the_blurred_background(shaders: Any, frame: Frame) -> None:
    alpha = Texture(frame.settled[..., None])
    painted = colours(frame.view).copy()
    assert (frame.settled == 1).mean() > 0.2
    painted[frame.settled == 1] = (1, 0, 1)
    one, other = (blurred_view(shaders, Texture(view), alpha, 8) for view in (colours(frame.view), painted))
    assert np.array_equal(one, other)


def test_soft_hair_wider_than_the_blur_has_no_black_behind_it(shaders: Any) -> None:
    grey = Texture(np.full((40, 40, 3), 0.5))
    blurred = blurred_view(shaders, grey, Texture(np.full((40, 40, 1), 0.5)), 3)
    assert np.abs(blurred - 0.5).max() < 2e-3


def test_blurring_keeps_an_even_background(shaders: Any) -> None:
    even = np.tile(np.array([0.2, 0.5, 0.95]), (40, 30, 1))
    blurred = blurred_view(shaders, Texture(even), Texture(np.zeros((40, 30, 1))), 5)
    assert np.abs(blurred - even[:20, :15]).max() < 2e-3


def test_without_a_new_background_the_frame_is_unchanged(shaders: Any, frame: Frame) -> None:
    result = Texture.empty(100, 200)
    shaders.run_show_frame(Texture(colours(frame.image)), result, Box(17, 23, 100, 200))
    assert np.array_equal(result.array[..., :3], colours(frame.image)[23:223, 17:117])
