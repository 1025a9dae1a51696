"""Proof that a saved model computes the same matte as the network in torch."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, numpy_helper
from torch import Tensor, nn

from pspm.networks import build
from pspm_export.lowering import AlphaOnly, fold_norms

LARGEST_MEAN_ERROR = 1e-5
FAR = 0.01
LARGEST_FAR_SHARE = 1e-3


class Parity(NamedTuple):
    """How far two mattes of one input are apart: the mean error, and the share of pixels off by more than `FAR`.

    Never the largest error: where two pixels of a pooling cell are nearly equal, rounding decides which one is the
    maximum, and a single pixel may then differ by anything.
    """

    mean_error: float
    far_share: float

    @property
    def holds(self) -> bool:
        """Whether both stay within what tells a rounding from a mistake."""
        return self.mean_error <= LARGEST_MEAN_ERROR and self.far_share <= LARGEST_FAR_SHARE


def compare(network: nn.Module, model: Path, images: Iterable[Tensor]) -> list[Parity]:
    """The parity of an ONNX file with a network that returns the alpha alone, for each (1, 3, H, W) input."""
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    results = []
    for image in images:
        with torch.no_grad():
            expected = network(image).numpy()
        (found,) = session.run(None, {"image": image.numpy()})
        difference = np.abs(expected - found)
        results.append(Parity(float(difference.mean()), float((difference > FAR).mean())))
    return results


def torch_twin(model: Path, name: str) -> nn.Module:
    """The network of a saved ONNX file, rebuilt in torch with torch's own operators from the file's weights.

    For those who have the shipped file and no checkpoint. Raises RuntimeError where the weights are not the network's.
    """
    twin = fold_norms(AlphaOnly(build(name)).eval())
    weights = {tensor.name: tensor for tensor in onnx.load(str(model)).graph.initializer}
    state = {}
    for key in twin.state_dict():
        tensor = weights.get(f"{key}.half", weights.get(key))
        if tensor is not None and tensor.data_type in (TensorProto.FLOAT, TensorProto.FLOAT16):
            state[key] = torch.from_numpy(numpy_helper.to_array(tensor).astype(np.float32))
    twin.load_state_dict(state)
    return twin
