"""Fold batch norms into the convolutions before them, and back."""

import copy
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np
import onnx
import torch
from onnx import TensorProto, numpy_helper
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

Module = TypeVar("Module", bound=nn.Module)

PREFIX, HALF = "network.", ".half"


def fold_norms(network: Module) -> Module:
    """Copy a network in eval mode, with its batch norms folded into the convolutions before them."""
    folded = copy.deepcopy(network).eval()
    for layers in folded.modules():
        if isinstance(layers, nn.Sequential):
            for i in range(len(layers) - 1):
                conv, norm = layers[i], layers[i + 1]
                if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                    layers[i], layers[i + 1] = fuse_conv_bn_eval(conv, norm), nn.Identity()
    return folded


def read_folded_onnx(model: Path) -> dict[str, Tensor]:
    """Read the float weights of an exported ONNX file, as float32 under their names in torch."""
    weights = {}
    for tensor in onnx.load(str(model)).graph.initializer:
        if tensor.name.startswith(PREFIX) and tensor.data_type in (TensorProto.FLOAT, TensorProto.FLOAT16):
            key = tensor.name.removeprefix(PREFIX).removesuffix(HALF)
            weights[key] = torch.from_numpy(numpy_helper.to_array(tensor).astype(np.float32))
    return weights


def unfold(network: nn.Module, folded: dict[str, Tensor]) -> dict[str, Tensor]:
    """Convert folded weights to weights of a network with batch norms: each takes over its convolution's bias.

    The batch norms compute nothing else. Their statistics are not those of any data (mean 0, deviation 1), so freeze
    them or calibrate them before training.
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
    """Whether a batch norm still has the statistics that `unfold` sets; data never gives exactly these."""
    assert norm.running_mean is not None and norm.running_var is not None
    return not norm.running_mean.any() and bool((norm.running_var == 1 - norm.eps).all())
