"""Find tensors that an ONNX file keeps in other files, without the onnx package.

ONNX Runtime opens those files. Versions before 1.24 open any path, and no version compares them with the hash in a
manifest. So files with external data are refused.
"""

from collections.abc import Iterator
from pathlib import Path

from pspm_runtime.errors import ModelError

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED_LENGTHS = {_FIXED64: 8, _FIXED32: 4}
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14
# Of each message that can contain a tensor: the fields to look into, and the messages they hold (onnx.proto).
_FIELDS = {
    "Model": {7: "Graph", 20: "Training", 25: "Function"},
    "Training": {1: "Graph", 2: "Graph"},
    "Graph": {1: "Node", 5: "Tensor", 15: "SparseTensor"},
    "Function": {7: "Node", 11: "Attribute"},
    "Node": {5: "Attribute"},
    "Attribute": {5: "Tensor", 6: "Graph", 10: "Tensor", 11: "Graph", 22: "SparseTensor", 23: "SparseTensor"},
    "SparseTensor": {1: "Tensor", 2: "Tensor"},
}
_ORT_FORMAT = b"ORTM"


def check_external_data(model: Path) -> None:
    """Raise ModelError for a file with external data, and for one that is not an ONNX file. Raises OSError."""
    data = memoryview(model.read_bytes())
    if data[4:8] == _ORT_FORMAT:
        raise ModelError(f"{model} is not a model in the ONNX format; export it again")
    waiting = [("Model", data)]
    try:
        while waiting:
            kind, message = waiting.pop()
            for field, value in _fields(message):
                if kind == "Tensor" and (field == _EXTERNAL_DATA or (field == _DATA_LOCATION and value != 0)):
                    raise ModelError(f"{model} keeps weights in other files; export it as one file")
                inner = _FIELDS.get(kind, {}).get(field)
                if inner and isinstance(value, memoryview):
                    waiting.append((inner, value))
    except ValueError as error:
        raise ModelError(f"{model} is not a model that ONNX Runtime can run ({error}); export it again") from None


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The numbers and values of the fields of a protobuf message. Raises ValueError where it is damaged."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        field, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            number, at = _varint(message, at)
            yield field, number
            continue
        length = _FIXED_LENGTHS.get(wire)
        if wire == _BYTES:
            length, at = _varint(message, at)
        if length is None or at + length > len(message):
            raise ValueError("it is damaged")
        yield field, message[at : at + length]
        at += length


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """A number of 7 bits a byte, the lowest first, and the place after it."""
    number = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            break
        byte = message[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
    raise ValueError("it is damaged")
