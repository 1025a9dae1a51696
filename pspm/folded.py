"""Weights of a saved ONNX file, whose normalisations were folded into the convolutions before them."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, numpy_helper
from torch import Tensor, nn

PREFIX, HALF = "network.", ".half"


def read_folded(model: Path) -> dict[str, Tensor]:
    """The network's float weights, in float32, under the names that they have in torch."""
    weights = {}
    for tensor in onnx.load(str(model)).graph.initializer:
        if tensor.name.startswith(PREFIX) and tensor.data_type in (TensorProto.FLOAT, TensorProto.FLOAT16):
            key = tensor.name.removeprefix(PREFIX).removesuffix(HALF)
            weights[key] = torch.from_numpy(numpy_helper.to_array(tensor).astype(np.float32))
    return weights


def unfold(network: nn.Module, folded: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same weights for a network with normalisations: each gets its convolution's bias, and changes nothing else.

    Such normalisations have statistics of no data (mean 0, deviation 1): train them at rest, or calibrate them first.
    """
    unfolded = dict(folded)
    for path, layers in network.named_modules():
        if isinstance(layers, nn.Sequential):
            for i, (conv, norm) in enumerate(pairwise(layers)):
                bias = unfolded.pop(f"{path}.{i}.bias", None) if isinstance(norm, nn.BatchNorm2d) else None
                if bias is not None and isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                    unfolded[f"{path}.{i + 1}.weight"] = torch.ones_like(bias)
                    unfolded[f"{path}.{i + 1}.bias"] = bias
                    unfolded[f"{path}.{i + 1}.running_mean"] = torch.zeros_like(bias)
                    unfolded[f"{path}.{i + 1}.running_var"] = torch.full_like(bias, 1 - norm.eps)
    return unfolded


def is_unfolded(norm: nn.BatchNorm2d) -> bool:
    """Whether a normalisation still has the statistics that `unfold` gave it, which no other has."""
    assert norm.running_mean is not None and norm.running_var is not None
    return not norm.running_mean.any() and bool((norm.running_var == 1 - norm.eps).all())
