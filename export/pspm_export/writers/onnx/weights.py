"""Read the weights of an ONNX file as its engine computes with them."""

import numpy as np
import onnx
from onnx import numpy_helper

# How `stride_last_convolution` moves weights into a larger kernel.
MOVES = ("Pad", "Concat", "Gather")


def convolution_weights(model: onnx.ModelProto) -> list[np.ndarray]:
    """The weights of all convolutions in float32, (O, I / groups, h, w) each, behind casts and dequantisations.

    Weights that are moved into a larger kernel are returned as they were before.
    """
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    found = []
    for node in model.graph.node:
        if node.op_type in ("Cast", "DequantizeLinear") and values.keys() >= set(node.input):
            stored, *scale = (values[name] for name in node.input)
            values[node.output[0]] = _dequantised(stored, *scale) if scale else stored
        elif node.op_type in MOVES and node.input[0] in values:
            values[node.output[0]] = values[node.input[0]]
        elif node.op_type == "Conv" and node.input[1] in values:
            found.append(values[node.input[1]].astype(np.float32))
    return found


def _dequantised(stored: np.ndarray, scale: np.ndarray, zero: np.ndarray) -> np.ndarray:
    shape = (-1, *[1] * (stored.ndim - 1)) if scale.ndim else ()
    return (stored.astype(np.float32) - zero.reshape(shape).astype(np.float32)) * scale.reshape(shape)
