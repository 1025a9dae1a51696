"""Proof that a saved model computes the same matte as the network in torch."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from pspm_runtime.errors import ModelError
from torch import Tensor

from pspm.bn_folding import fold_norms, read_folded_onnx
from pspm.networks import MattingNetwork, build
from pspm_export.plan.calibration import sample_input
from pspm_export.plan.export_spec import Target
from pspm_export.plan.formats import Run
from pspm_export.plan.trimap_input import told
from pspm_export.verification.sad_regression import Drift, sad_drift
from pspm_export.verification.stored_weights import Recognised, recognise

FAR = 0.01
LARGEST_SAD_DRIFT = 0.03


class Bound(NamedTuple):
    """How far a matte may be from torch's, see `Parity`."""

    mean_error: float
    far_share: float
    iou: float


# What rounding does, as measured on trained networks, with room for another one; a mistake is far beyond. Even in fp32
# the order in which a processor sums decides some near-ties of a pooling: 2e-5 of b5's mean.
BOUNDS = {
    "fp32": Bound(1e-4, 1e-3, 0.999),
    "fp16-weights": Bound(1e-3, 1e-2, 0.998),
    "fp16": Bound(2e-3, 2e-2, 0.995),
    "int8": Bound(2e-2, 3e-1, 0.97),
    "dynamic-int8": Bound(2e-2, 2e-1, 0.97),
    "palette6": Bound(2e-2, 2e-1, 0.97),
}


class Parity(NamedTuple):
    """How far two mattes of one input are apart.

    mean_error: the mean difference. far_share: the share of pixels off by more than `FAR`.
    iou: of the masks at 0.5, 1 where both are empty.

    Never the largest error: where two pixels of a pooling cell are nearly equal, rounding decides which one is the
    maximum, and a single pixel may then differ by anything.
    """

    mean_error: float
    far_share: float
    iou: float

    def holds(self, precision: str) -> bool:
        """Whether all stay within what tells a rounding of this precision from a mistake."""
        bound = BOUNDS[precision]
        within = self.mean_error <= bound.mean_error and self.far_share <= bound.far_share
        return within and self.iou >= bound.iou


def parity(expected: np.ndarray, found: np.ndarray) -> Parity:
    """The parity of two mattes of the same shape in [0, 1]."""
    difference = np.abs(expected - found)
    masks = expected > 0.5, found > 0.5
    union = np.logical_or(*masks).sum()
    iou = np.logical_and(*masks).sum() / union if union else 1
    return Parity(float(difference.mean()), float((difference > FAR).mean()), float(iou))


def compare(network: MattingNetwork, run: Run, images: Iterable[Tensor]) -> list[Parity]:
    """The parity of an opened file with a trained network of `pspm.networks`, for each (1, 3 or 4, H, W) in [-1, 1]."""
    results = []
    for image in images:
        with torch.no_grad():
            expected = network(image).alpha.numpy()
        results.append(parity(expected, run(image.numpy())))
    return results


class Proof(NamedTuple):
    """parities: by (height, width), on the sample portrait. drifts: by validation set, None without the pictures."""

    parities: dict[tuple[int, int], Parity]
    drifts: dict[str, Drift] | None
    weights: Recognised | None = None

    def failure(self, precision: str) -> str | None:
        """What is wrong or beyond its bound, in words."""
        if self.weights and self.weights.failure:
            return self.weights.failure
        for (height, width), found in self.parities.items():
            if not found.holds(precision):
                return f"at {width}x{height} its matte differs from torch's: {found}"
        for name, drift in (self.drifts or {}).items():
            if drift.share > LARGEST_SAD_DRIFT:
                return f"its SAD on {name} is {drift.share:.1%} larger than torch's, {LARGEST_SAD_DRIFT:.0%} at most"
        return None


def prove(network: MattingNetwork, model: Path, target: Target, data: Path | None, limit: int | None = None) -> Proof:
    """Compare a saved file with its network: on the sample portrait, on validation pictures, and weight by weight.

    network: of `pspm.networks`, in eval mode. Raises ModelError where they differ, or where `data` cannot be used.
    """
    writer = target.format.writer()
    run, sizes = writer.open(model), target.verified_sizes(network.MULTIPLE)
    parities = compare(network, run, (told(network, sample_input(*size)) for size in sizes))
    try:
        rule = target.size_rule(network.MULTIPLE)
        drifts = sad_drift(network, run, rule, data, limit) if data else None
    except (OSError, ValueError) as error:
        raise ModelError(f"nothing can be measured on {data}: {error}") from None
    weights = recognise(network, writer.weights(model), target.precision)
    proof = Proof(dict(zip(sizes, parities, strict=True)), drifts, weights)
    if failure := proof.failure(target.precision):
        raise ModelError(f"{model.name} is refused, for {failure}; report this, or choose another precision")
    return proof


def torch_twin(model: Path, name: str) -> MattingNetwork:
    """The network of a saved ONNX file, its normalisations folded, rebuilt in torch from the file's float weights.

    For those who have the shipped file and no checkpoint. Raises RuntimeError where the weights are not the network's.
    """
    twin = fold_norms(build(name))
    twin.load_state_dict(read_folded_onnx(model))
    return twin
