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
from pspm_runtime.stages.trimap import BACKGROUND, FOREGROUND, UNKNOWN

from pspm.checkpoint import load_network
from pspm.counting import GIGA, count
from pspm.evaluation.metrics import true_trimap
from pspm.evaluation.torch_engine import TorchModel

# Of the classes of a trimap, as the runtime reads them.
TRIMAP_GREYS = np.array([BACKGROUND, UNKNOWN, FOREGROUND], np.uint8)


class Estimate(NamedTuple):
    """alpha: (H, W) float32 in [0, 1]; trimap: classes at the size of the network's view, (h, w) int, if known."""

    alpha: np.ndarray
    trimap: np.ndarray | None = None


@dataclass(frozen=True)
class Subject:
    """One row of the table.

    name: unique in a run; kind: "onnx", "torch" or "closed-form".
    parameters, gflops: of the network, at 224 x 224; None where they are not known.
    estimate: the matte of RGB (H, W, 3) uint8, given the true alpha, which is for what needs a trimap.
    timed: loads the network on one thread, for the latency; None where there is no network.
    """

    name: str
    kind: str
    parameters: int | None
    gflops: float | None
    estimate: Callable[[np.ndarray, np.ndarray], Estimate]
    timed: Callable[[], Model] | None


def bundle_subject(model: str, threads: int | None) -> Subject:
    """A shipped model by name, a bundle by its folder, or an ONNX file beside its manifest.

    A network that takes a trimap is told the true one. Raises ModelError.
    """
    source = _folder_of(Path(model)) if model.endswith(".onnx") else model
    runner = Model(source, threads)
    bundle = runner.bundle
    assert bundle is not None
    if source != model and bundle.model != Path(model):
        raise ModelError(f"the {MANIFEST} beside {model} describes {bundle.model.name}; export the model again")
    facts = bundle.facts

    def estimate(image: np.ndarray, truth: np.ndarray) -> Estimate:
        trimap = TRIMAP_GREYS[true_trimap(truth)] if bundle.takes_trimap else None
        return Estimate(runner.predict_alpha(image, trimap=trimap))

    return Subject(
        name=model,
        kind="onnx",
        parameters=facts.get("parameters"),
        gflops=facts["macs_at_224"] / GIGA if "macs_at_224" in facts else None,
        estimate=estimate,
        timed=lambda: Model(source, threads=1),
    )


def checkpoint_subject(checkpoint: Path, network: str | None, threads: int | None) -> Subject:
    """A training checkpoint in torch, of the network that it names unless another is given.

    A network that takes a trimap is told the true one. Raises ModelError, OSError.
    """
    try:
        trained = load_network(network, checkpoint)
    except ValueError as error:
        raise ModelError(str(error)) from None
    counted, runner = count(trained), TorchModel(trained, checkpoint, threads)

    def estimate(image: np.ndarray, truth: np.ndarray) -> Estimate:
        runner.session.truth = truth
        alpha = runner.predict_alpha(image)
        return Estimate(alpha, runner.session.trimap)

    return Subject(
        name=str(checkpoint),
        kind="torch",
        parameters=counted.parameters,
        gflops=counted.gflops,
        estimate=estimate,
        timed=lambda: TorchModel(trained, checkpoint, threads=1),
    )


def closed_form_subject() -> Subject:
    """Closed-form matting (Levin et al. 2008) that is given the true trimap: what the networks have to do without."""
    # Imported here: it compiles for a minute when it is first imported.
    from pymatting import estimate_alpha_cf

    def estimate(image: np.ndarray, truth: np.ndarray) -> Estimate:
        trimap = true_trimap(truth) / 2
        if not (trimap == 0.5).any() or not {0, 1} <= set(np.unique(trimap)):
            # Nothing to estimate, or nothing known on one side to estimate it from.
            return Estimate(trimap.astype(np.float32))
        # It prints a warning for each preconditioner that it tries in vain, into what may be our JSON.
        with redirect_stdout(io.StringIO()):
            try:
                return Estimate(estimate_alpha_cf(image / 255, trimap).astype(np.float32))
            except ValueError:
                raise ValueError(
                    "closed-form matting finds no solution; leave out the picture or --closed-form"
                ) from None

    return Subject("closed form, true trimap", "closed-form", None, None, estimate, None)


def _folder_of(model: Path) -> Path:
    """The bundle that an ONNX file belongs to."""
    if not (model.parent / MANIFEST).is_file():
        raise ModelError(f"{model} has no {MANIFEST} beside it; write one with pspm export")
    return model.parent
