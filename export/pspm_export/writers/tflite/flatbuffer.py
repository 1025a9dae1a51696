"""Read the operators and weights of a TFLite file, a flat buffer."""

from collections import Counter
from typing import Any

import numpy as np

from pspm_export.writers.converter_output import quiet

with quiet():
    from ai_edge_litert import schema_py_generated as schema  # type: ignore[import-untyped]

DEQUANTIZE = schema.BuiltinOperator.DEQUANTIZE
# The order of axes that turns weights into (O, I / groups, h, w).
CHANNELS_FIRST = {
    schema.BuiltinOperator.CONV_2D: (0, 3, 1, 2),
    schema.BuiltinOperator.DEPTHWISE_CONV_2D: (3, 0, 1, 2),
    schema.BuiltinOperator.FULLY_CONNECTED: (0, 1, 2, 3),
}


def operator_versions(model: bytes) -> Counter[tuple[str, int]]:
    """How often each kind of operator occurs, by name and version."""
    content = _parse(model)
    names = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
    kinds: Counter[tuple[str, int]] = Counter()
    for graph in content.subgraphs:
        for node in graph.operators:
            kinds[names[_code(content, node)], content.operatorCodes[node.opcodeIndex].version] += 1
    return kinds


def convolution_weights(model: bytes) -> list[np.ndarray]:
    """The weights of all convolutions in float32, (O, I / groups, h, w) each, dequantised."""
    content = _parse(model)
    found = []
    for graph in content.subgraphs:
        sources = {node.outputs[0]: node.inputs[0] for node in graph.operators if _code(content, node) == DEQUANTIZE}
        for node in graph.operators:
            code = _code(content, node)
            if code in CHANNELS_FIRST:
                tensor = graph.tensors[sources.get(node.inputs[1], node.inputs[1])]
                stored = _constant(model, content, tensor)
                if stored is None:  # a product of two feature maps, as in attention
                    continue
                found.append(stored.reshape(stored.shape + (1,) * (4 - stored.ndim)).transpose(CHANNELS_FIRST[code]))
    return found


def _parse(model: bytes) -> Any:
    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(model, 0))


def _code(content: Any, node: Any) -> int:
    """The builtin code of an operator. Codes beyond a byte have their own field; older files have only the byte."""
    code = content.operatorCodes[node.opcodeIndex]
    return max(code.builtinCode, code.deprecatedBuiltinCode)


def _constant(model: bytes, content: Any, tensor: Any) -> np.ndarray | None:
    """A tensor of the file in float32; None if it is computed.

    Its bytes are in its buffer, or behind the flat buffer if the buffer gives an offset.
    """
    kind = {schema.TensorType.FLOAT32: "f4", schema.TensorType.FLOAT16: "f2", schema.TensorType.INT8: "i1"}[tensor.type]
    buffer = content.buffers[tensor.buffer]
    data = model[buffer.offset : buffer.offset + buffer.size] if buffer.data is None else bytes(buffer.data)
    if not data:
        return None
    stored = np.frombuffer(data, kind).reshape(tensor.shape).astype(np.float32)
    if kind != "i1":
        return stored
    scales = np.asarray(tensor.quantization.scale, np.float32)
    shape = [1] * stored.ndim
    shape[tensor.quantization.quantizedDimension] = -1
    return stored * scales.reshape(shape)
