"""ONNX files in half precision: only the weights, or the arithmetic too."""

import numpy as np
import onnx
import onnxslim  # type: ignore[import-untyped]
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.transformers.float16 import convert_float_to_float16
from onnxruntime.transformers.onnx_model import OnnxModel

# Smaller tensors stay float32. They are 3 % of the weights and include the layers in front of the first poolings, where
# rounding would move maxima from one pixel of a cell to the next and so change the matte.
LARGE = 16384


def halve_weights(model: onnx.ModelProto) -> None:
    """Store every large float32 initializer as float16 behind a Cast, which the engine folds away on loading."""
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < LARGE:
            continue
        name, half = tensor.name, numpy_helper.to_array(tensor).astype(np.float16)
        tensor.CopyFrom(numpy_helper.from_array(half, f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    for i, cast in enumerate(casts):
        model.graph.node.insert(i, cast)


def convert_to_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """Compute in float16, except for operators that the converter knows to need float32."""
    halved = OnnxModel(convert_float_to_float16(onnxslim.slim(model), keep_io_types=True))
    halved.topological_sort()
    return halved.model
