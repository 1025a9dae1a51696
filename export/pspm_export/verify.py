"""Proof that a saved model computes the same matte as the network in torch."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import torch
from onnx import TensorProto, numpy_helper
from torch import Tensor, nn

from pspm.networks import build
from pspm_export.formats import format_of
from pspm_export.lowering import AlphaOnly, fold_norms

FAR = 0.01
LARGEST_SAD_DRIFT = 0.03


class Bound(NamedTuple):
    """How far a matte may be from torch's, see `Parity`."""

    mean_error: float
    far_share: float
    iou: float


# A rounding, as measured on trained networks, with room for another network; a mistake is beyond by orders of magnitude.
BOUNDS = {
    "fp32": Bound(1e-5, 1e-3, 0.999),
    "fp16": Bound(2e-3, 2e-2, 0.995),
    "int8": Bound(1e-2, 1e-1, 0.98),
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


def compare(network: nn.Module, model: Path, images: Iterable[Tensor]) -> list[Parity]:
    """The parity of a saved file with a trained network of `pspm.networks`, for each (1, 3, H, W) input in [-1, 1]."""
    run, reference = format_of(model).writer().open(model), AlphaOnly(network).eval()
    results = []
    for image in images:
        with torch.no_grad():
            expected = reference(image).numpy()
        results.append(parity(expected, run(image.numpy())))
    return results


def torch_twin(model: Path, name: str) -> nn.Module:
    """The network of a saved ONNX file, its normalisations folded, rebuilt in torch from the file's float weights.

    For those who have the shipped file and no checkpoint. Raises RuntimeError where the weights are not the network's.
    """
    twin = fold_norms(build(name))
    weights = {tensor.name: tensor for tensor in onnx.load(str(model)).graph.initializer}
    state = {}
    for key in twin.state_dict():
        saved = f"network.{key}"
        tensor = weights.get(f"{saved}.half", weights.get(saved))
        if tensor is not None and tensor.data_type in (TensorProto.FLOAT, TensorProto.FLOAT16):
            state[key] = torch.from_numpy(numpy_helper.to_array(tensor).astype(np.float32))
    twin.load_state_dict(state)
    return twin
