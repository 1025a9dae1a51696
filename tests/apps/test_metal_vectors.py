"""The iOS demo's Metal shaders give Python's results for the test vectors, as near as the specification asks for."""

import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pspm_runtime.bundle import DEFAULT_MODEL, open_bundle
from pspm_runtime.constants import LARGEST_RADIUS
from pspm_runtime.spec.case import Case
from pspm_runtime.spec.cases import cases
from pspm_runtime.spec.stages import specification
from pspm_runtime.stages.compose import cover_box
from pspm_runtime.stages.refine import settle

from tests.apps.shaders import BUILD, Box, Texture, blurred_view, compiled_shaders, linear_models

pytestmark = pytest.mark.slow

# As in LiveRenderer.swift.
FOREGROUND_RADIUS = 8


@pytest.fixture(scope="module")
def shaders() -> Any:
    return compiled_shaders()


def network_view(shaders: Any, case: Case) -> np.ndarray:
    """The view of a frame, in codes."""
    frame, view = case.inputs["image"], case.outputs["view"]
    target = Texture.empty(view.shape[1], view.shape[0])
    shaders.run_network_view(_texture(frame), target, Box(0, 0, frame.shape[1], frame.shape[0]))
    # The view is a texture of bytes.
    return np.floor(target.array[..., :3] * 255 + 0.5)


def models(shaders: Any, case: Case) -> np.ndarray:
    """Slopes, then offsets."""
    found = linear_models(shaders, _texture(case.inputs["view"]), Texture(case.inputs["alpha"][..., None]))
    return np.moveaxis(found.array[..., :2], -1, 0)


def live_replace(shaders: Any, case: Case) -> np.ndarray:
    """A frame over another background, in codes."""
    return _composed(shaders, case, _texture(case.inputs["picture"]))


def live_blur(shaders: Any, case: Case) -> np.ndarray:
    """A frame with its background blurred, in codes."""
    view, alpha = _texture(case.inputs["view"]), Texture(settle(case.inputs["alpha"])[..., None])
    radius = case.parameters["strength"] * LARGEST_RADIUS * max(view.width, view.height)
    blurred = blurred_view(shaders, view, alpha, radius)
    return _composed(shaders, case, Texture(np.floor(blurred * 255 + 0.5) / 255))


def _composed(shaders: Any, case: Case, behind: Texture) -> np.ndarray:
    """What LiveRenderer.swift does after the network. Its textures of half floats are floats here."""
    frame, view = _texture(case.inputs["image"]), _texture(case.inputs["view"])
    alpha = Texture(settle(case.inputs["alpha"])[..., None])
    models = linear_models(shaders, view, alpha)
    person, background = (Texture.empty(view.width // 2, view.height // 2) for _ in range(2))
    shaders.run_foreground(view, alpha, person, background, FOREGROUND_RADIUS)
    result = Texture.empty(frame.width, frame.height)
    left, top, right, bottom = cover_box((behind.width, behind.height), (frame.width, frame.height))
    cover = Box(left, top, right - left, bottom - top)
    whole = Box(0, 0, frame.width, frame.height)
    shaders.run_compose(frame, models, person, background, behind, result, whole, cover)
    return np.floor(result.array[..., :3] * 255 + 0.5)


def _expected(case: Case) -> np.ndarray:
    """The outputs of a case: one array, or several of the same shape."""
    outputs = list(case.outputs.values())
    return outputs[0] if len(outputs) == 1 else np.stack(outputs)


def _texture(picture: np.ndarray) -> Texture:
    return Texture(picture / np.float32(255))


STAGES: dict[str, Callable[[Any, Case], np.ndarray]] = {
    "network-view": network_view,
    "linear-models": models,
    "live-replace": live_replace,
    "live-blur": live_blur,
}


def test_every_stage_that_metal_is_not_excused_from_is_run(shaders: Any) -> None:
    required = {stage.name: stage for stage in specification().stages if not stage.platforms["metal"].excused}
    assert set(STAGES) == set(required)
    errors: dict[str, dict[str, float]] = defaultdict(lambda: {"mean": 0.0, "largest": 0.0})
    for case in cases(open_bundle(DEFAULT_MODEL)):
        # A camera frame has no transparency.
        if case.stage not in STAGES or "transparency" in case.inputs:
            continue
        stage = required[case.stage]
        found = np.abs(STAGES[case.stage](shaders, case) - _expected(case)) / stage.range
        allowed = stage.platforms["metal"]
        print(f"{case.stage} {case.name}: mean {found.mean():.1e}, largest {found.max():.1e}")
        assert found.mean() <= allowed.mean, f"{case.stage} {case.name}"
        assert found.max() <= allowed.largest, f"{case.stage} {case.name}"
        for kind, error in (("mean", found.mean()), ("largest", found.max())):
            errors[case.stage][kind] = max(errors[case.stage][kind], float(error))
    assert set(errors) == set(STAGES)
    (BUILD / "metal_errors.json").write_text(json.dumps(errors, indent=1))
