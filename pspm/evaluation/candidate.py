"""What can be evaluated: shipped models, bundles, ONNX files beside a manifest, checkpoints, closed-form matting."""

import io
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pspm_runtime import Model, ModelError
from pspm_runtime.bundle import MANIFEST
from pspm_runtime.engines.engine import Engine
from pspm_runtime.looks.quality import Quality
from pspm_runtime.stages.trimap import BACKGROUND, FOREGROUND, UNKNOWN

from pspm.checkpoint import load_network
from pspm.counting import GIGA, count
from pspm.evaluation.torch_engine import TorchEngine

# One run of the network for each picture, which is what its size, its latency and a training run's validation tell of.
EVALUATED_QUALITY: Quality = "fast"

# The classes of a trimap as the grey levels that the runtime reads.
TRIMAP_GREYS = np.array([BACKGROUND, UNKNOWN, FOREGROUND], np.uint8)


class Estimate(NamedTuple):
    """What a candidate estimates for a picture.

    alpha: (H, W) float32 in [0, 1].
    trimap: the network's own trimap at the size of its view, (h, w) int classes; None if it has none.
    """

    alpha: np.ndarray
    trimap: np.ndarray | None = None


@dataclass(frozen=True)
class Candidate:
    """A method to evaluate, one row of the table.

    name: unique in an evaluation. kind: "onnx", "torch", "closed-form" or "saved".
    parameters, gflops: of the network, at 224 x 224; None if unknown.
    estimate: from RGB (H, W, 3) uint8 and the picture's trimap, (H, W) uint8 classes in the order of
        `pspm.networks.trimap.TRIMAP_CLASSES`, which only methods with a trimap use.
    open_for_timing: opens the network with one thread, to measure the latency; None if there is no network.
    saved: reads the saved alpha, (H, W) in [0, 1], of a picture by its set, name and (height, width); then `estimate`
        is not used.
    """

    name: str
    kind: str
    parameters: int | None
    gflops: float | None
    estimate: Callable[[np.ndarray, np.ndarray], Estimate]
    open_for_timing: Callable[[], Engine] | None
    saved: Callable[[str, str, tuple[int, ...]], np.ndarray] | None = None


def bundle_candidate(name: str, threads: int | None, quality: Quality = EVALUATED_QUALITY) -> Candidate:
    """A shipped model by its name, a bundle by its folder, or an ONNX file beside its manifest. Raises ModelError.

    quality: of its mattes; see `pspm_runtime.Model`.
    """
    source = _bundle_of(Path(name)) if name.endswith(".onnx") else name
    model = Model(source, threads, quality=quality)
    bundle = model.bundle
    assert bundle is not None
    if source != name and bundle.model != Path(name):
        raise ModelError(f"the {MANIFEST} beside {name} describes {bundle.model.name}; export the model again")
    return Candidate(
        name=name,
        kind="onnx",
        parameters=bundle.facts.get("parameters"),
        gflops=bundle.facts["macs_at_224"] / GIGA if "macs_at_224" in bundle.facts else None,
        estimate=lambda image, trimap: Estimate(predict_alpha(model, image, trimap)),
        open_for_timing=lambda: Model(source, threads=1).engine,
    )


def checkpoint_candidate(
    checkpoint: Path, network: str | None, threads: int | None, quality: Quality = EVALUATED_QUALITY
) -> Candidate:
    """A training checkpoint in torch. network: overrides the name stored in it. Raises ModelError, OSError.

    quality: of its mattes; see `pspm_runtime.Model`.
    """
    try:
        trained = load_network(network, checkpoint)
    except ValueError as error:
        raise ModelError(str(error)) from None
    counted = count(trained)
    engine = TorchEngine(trained, threads)
    model = Model(engine, quality=quality)

    def estimate(image: np.ndarray, trimap: np.ndarray) -> Estimate:
        engine.predicted_trimap = None  # the first look at a picture is at all of it
        return Estimate(predict_alpha(model, image, trimap), engine.predicted_trimap)

    return Candidate(
        name=str(checkpoint),
        kind="torch",
        parameters=counted.parameters,
        gflops=counted.gflops,
        estimate=estimate,
        open_for_timing=lambda: TorchEngine(trained, threads=1),
    )


def predict_alpha(model: Model, image: np.ndarray, trimap: np.ndarray) -> np.ndarray:
    """Predict alpha, (H, W). Only a trimap-based network gets the trimap, (H, W) uint8 classes."""
    return model.predict_alpha(image, trimap=TRIMAP_GREYS[trimap] if model.engine.takes_trimap else None)


def closed_form_candidate() -> Candidate:
    """A3: closed-form matting (Levin et al. 2008) with the true trimap, which other networks do not get."""
    # Imported here because its first import compiles for a minute.
    from pymatting import estimate_alpha_cf

    def estimate(image: np.ndarray, classes: np.ndarray) -> Estimate:
        trimap = classes / 2
        if not (trimap == 0.5).any() or not {0, 1} <= set(np.unique(trimap)):
            # No pixels to estimate, or no known foreground or background to estimate them from.
            return Estimate(trimap.astype(np.float32))
        # It prints a warning for each preconditioner that fails, which would spoil our JSON output.
        with redirect_stdout(io.StringIO()):
            try:
                return Estimate(estimate_alpha_cf(image / 255, trimap).astype(np.float32))
            except ValueError:
                raise ValueError(
                    "closed-form matting finds no solution; leave out the picture or --closed-form"
                ) from None

    return Candidate("closed form, true trimap", "closed-form", None, None, estimate, None)


def closed_form_without_trimap_candidate() -> Candidate:
    """A4 (thesis sec. 6.5.5): closed-form matting without a trimap, whose matte is black.

    Closed-form matting solves (L + c D) alpha = c D t, where D marks the known pixels and t is their alpha. Without
    known pixels the right side is 0, and alpha = 0 solves it. The thesis calls these mattes "almost dark".
    """

    def estimate(image: np.ndarray, classes: np.ndarray) -> Estimate:
        return Estimate(np.zeros(image.shape[:2], np.float32))

    return Candidate("closed form, no trimap", "closed-form", None, None, estimate, None)


def _bundle_of(model: Path) -> Path:
    """The folder of the bundle that an ONNX file belongs to."""
    if not (model.parent / MANIFEST).is_file():
        raise ModelError(f"{model} has no {MANIFEST} beside it; write one with pspm export")
    return model.parent
