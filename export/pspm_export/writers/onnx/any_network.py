"""Save any network that holds operators as ONNX, checked against torch."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from pspm_runtime.errors import ModelError
from pspm_runtime.files.atomic_write import atomic_write
from torch import Tensor, nn
from torch.utils import _pytree as pytree

from pspm_export.writers.lowering import lower
from pspm_export.writers.onnx.writer import strip_metadata, trace


@torch.no_grad()
def save_onnx(network: nn.Module, inputs: tuple[Tensor, ...], path: Path | str, *, tolerance: float = 1e-3) -> float:
    """Save a network, such as one with replaced upsampling, for inputs of these shapes.

    Its operators are lowered, see `pspm_export.writers.lowering`. ONNX Runtime has to compute what torch computes,
    otherwise no file is written.

    Args:
        network: gives tensors, alone or in tuples, lists and dictionaries. It is not changed; its copy is in eval mode.
        inputs: all inputs, float32; the file calls the first one "image".
        path: of the file; an existing one is replaced.
        tolerance: of the largest difference, as a part of the largest value.

    Returns:
        The largest difference from torch, as a part of the largest value.

    Raises:
        ModelError: if ONNX cannot express the network, or the file computes something else.
    """
    lowered = lower(network)
    expected = [x.numpy() for x in _tensors(lowered(*inputs))]
    model = trace(lowered, inputs, None, "output")
    strip_metadata(model)
    found = _run(model, inputs)
    difference = max(_difference(x, y) for x, y in zip(found, expected, strict=True))
    if not difference <= tolerance:
        raise ModelError(
            f"the ONNX file differs from torch by {difference:.2g} of its largest value, more than {tolerance:g}; "
            f"{path} was not written"
        )
    with atomic_write(Path(path)) as unfinished:
        onnx.save(model, str(unfinished))
    return difference


def _tensors(outputs: Any) -> list[Tensor]:
    return [leaf for leaf in pytree.tree_leaves(outputs) if isinstance(leaf, Tensor)]


def _run(model: onnx.ModelProto, inputs: tuple[Tensor, ...]) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    return session.run(None, {name: x.numpy() for name, x in zip(names, inputs, strict=True)})


def _difference(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.abs(found - expected).max() / max(np.abs(expected).max(), np.finfo(np.float32).tiny))
