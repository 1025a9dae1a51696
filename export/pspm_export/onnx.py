"""A network as an ONNX file for any height and width, its weights stored in half precision."""

import copy
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from pspm_export.lowering import example_input

OPSET = 18
# Smaller tensors stay float32. They make up 3 % of the weights, and among them are the layers in front of the first
# poolings, where a rounding moves maxima from one pixel of a cell to the next and so changes the matte itself.
LARGE = 16384


def export_onnx(network: nn.Module, path: Path, multiple: int) -> None:
    """Write a network that is lowered and returns the alpha alone, see `lowering`.

    Input "image", (1, 3, H, W), output "alpha", (1, 1, H, W), where H and W are free multiples of `multiple`. Weights
    are stored as float16 and computed with as float32, for half the size.
    `round_weights` beforehand makes the file's weights the network's.
    """
    height, width = torch.export.Dim("h", min=2, max=512), torch.export.Dim("w", min=2, max=512)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            network,
            (example_input(),),
            dynamo=True,
            opset_version=OPSET,
            external_data=False,
            input_names=["image"],
            output_names=["alpha"],
            dynamic_shapes={"image": {2: multiple * height, 3: multiple * width}},
            verbose=False,
        )
    assert program is not None  # noqa: S101 - only None when the exporter is asked to write the file itself
    model = program.model_proto
    halve_weights(model)
    strip_metadata(model)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def round_weights(network: nn.Module) -> nn.Module:
    """A copy whose large weights have the values that half precision can store: the network that is in the file."""
    rounded = copy.deepcopy(network)
    for parameter in rounded.parameters():
        if parameter.numel() >= LARGE:
            parameter.data = parameter.data.half().float()
    return rounded


def halve_weights(model: onnx.ModelProto) -> None:
    """Store every large float32 initializer as float16 behind a Cast, which the engine folds away when it loads."""
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < LARGE:
            continue
        name, half = tensor.name, numpy_helper.to_array(tensor).astype(np.float16)
        tensor.CopyFrom(numpy_helper.from_array(half, f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    for i, cast in enumerate(casts):
        model.graph.node.insert(i, cast)


def strip_metadata(model: onnx.ModelProto) -> None:
    """Leave out the exporter's notes: they hold the paths of the machine that exported."""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    del model.graph.metadata_props[:]
    del model.metadata_props[:]
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        if hasattr(value, "metadata_props"):
            del value.metadata_props[:]
