"""A network as an ONNX file for any height and width, its weights stored in half precision."""

import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from pspm_export.lowering import AlphaOnly, example_input, lower

OPSET = 18
SMALL = 64


def export_onnx(network: nn.Module, path: Path, multiple: int) -> None:
    """Write the alpha of a trained network: input "image" (1, 3, H, W) in [-1, 1], output "alpha" (1, 1, H, W).

    H and W are free multiples of `multiple`. Weights are stored as float16 and computed with as float32: half the size
    at an error far below that of 8-bit pixels, and no slower.
    """
    height, width = torch.export.Dim("h", min=2, max=512), torch.export.Dim("w", min=2, max=512)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            AlphaOnly(lower(network)).eval(),
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


def halve_weights(model: onnx.ModelProto) -> None:
    """Store every large float32 initializer as float16 behind a Cast, which the engine folds away when it loads."""
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < SMALL:
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
