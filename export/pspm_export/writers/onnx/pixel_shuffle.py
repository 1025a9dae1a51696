"""Compute the last convolution before a pixel shuffle with fewer multiplications.

ONNX Runtime computes the outputs of a convolution in blocks of 16 channels with AVX-512. The last convolution of
`mobile` has 4, one for each pixel of a 2x2 cell, so three quarters of its work are thrown away. A convolution with
stride 2 that has 16 outputs, one for each pixel of a 4x4 cell, adds up the same products.
"""

import itertools

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# Pixels of the matte in a cell, along each side: those of one output of the convolution, and of the strided one.
CELL, LARGER_CELL = 2, 4
KERNEL = 3


def stride_last_convolution(model: onnx.ModelProto) -> None:
    """Replace a 3x3 convolution to 4 channels and a pixel shuffle to the matte by a strided one and a larger shuffle.

    Only in float32, and where the pattern occurs. Sides of the picture must be multiples of 4. The weights stay in the
    file as they are, and the engine moves them into the strided kernel when it loads the file.
    """
    graph = model.graph
    values = {tensor.name: tensor for tensor in graph.initializer}
    makers = {name: node for node in graph.node for name in node.output}
    for shuffle in graph.node:
        conv = makers.get(shuffle.input[0]) if shuffle.op_type == "DepthToSpace" else None
        if conv is None or not _is_last(conv, values) or _attribute(shuffle, "blocksize") != CELL:
            continue
        weight, bias = conv.input[1:]
        moved = _strided_weights(graph, weight, bias)
        position = list(graph.node).index(conv)
        for i, node in enumerate(moved):
            graph.node.insert(position + i, node)
        conv.input[1], conv.input[2] = _strided(weight), _strided(bias)
        _set(conv, strides=[CELL, CELL], kernel_shape=[KERNEL + 1] * 2)
        _set(shuffle, blocksize=LARGER_CELL)
        _forget_shape(graph, conv.output[0])
        return


def _is_last(conv: onnx.NodeProto, values: dict[str, TensorProto]) -> bool:
    """Whether a node is a convolution with padding 1 and weights (4, C, 3, 3) in float32, and a bias."""
    if conv.op_type != "Conv" or len(conv.input) != 3 or not values.keys() >= set(conv.input[1:]):
        return False
    weight = values[conv.input[1]]
    return (
        weight.data_type == TensorProto.FLOAT
        and weight.dims[0] == CELL**2
        and list(weight.dims[2:]) == [KERNEL, KERNEL]
        and _attribute(conv, "group") == 1
        and _attribute(conv, "pads") == [1, 1, 1, 1]
        and _attribute(conv, "strides") == _attribute(conv, "dilations") == [1, 1]
    )


def _strided_weights(graph: onnx.GraphProto, weight: str, bias: str) -> list[onnx.NodeProto]:
    """Nodes that make the weights (16, C, 4, 4) and the bias (16) of the strided convolution.

    Its output 4 (2 dy + y) + 2 dx + x is output 2 y + x of the convolution, moved by (dy, dx).
    """
    outputs = np.arange(LARGER_CELL**2).reshape((CELL,) * 4)  # by dy, dx, y, x
    constants = {f"{weight}.order": outputs.transpose(0, 2, 1, 3).ravel()}
    constants[f"{bias}.order"] = constants[f"{weight}.order"] % CELL**2
    nodes, moved = [], []
    for dy, dx in itertools.product(range(CELL), repeat=2):
        moved.append(f"{weight}.moved.{dy}.{dx}")
        constants[f"{moved[-1]}.pads"] = np.array([0, 0, dy, dx, 0, 0, 1 - dy, 1 - dx])
        nodes.append(helper.make_node("Pad", [weight, f"{moved[-1]}.pads"], moved[-1:]))
    nodes.append(helper.make_node("Concat", moved, [f"{weight}.moved"], axis=0))
    nodes.append(helper.make_node("Gather", [f"{weight}.moved", f"{weight}.order"], [_strided(weight)], axis=0))
    nodes.append(helper.make_node("Gather", [bias, f"{bias}.order"], [_strided(bias)], axis=0))
    graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in constants.items())
    return nodes


def _strided(name: str) -> str:
    return f"{name}.strided"


def _forget_shape(graph: onnx.GraphProto, name: str) -> None:
    """Remove the exporter's note of a feature's shape."""
    kept = [value for value in graph.value_info if value.name != name]
    del graph.value_info[:]
    graph.value_info.extend(kept)


def _attribute(node: onnx.NodeProto, name: str) -> object:
    return next((helper.get_attribute_value(entry) for entry in node.attribute if entry.name == name), None)


def _set(node: onnx.NodeProto, **changed: int | list[int]) -> None:
    kept = [entry for entry in node.attribute if entry.name not in changed]
    del node.attribute[:]
    node.attribute.extend([*kept, *(helper.make_attribute(name, value) for name, value in changed.items())])
