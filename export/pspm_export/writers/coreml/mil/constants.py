"""Constants of a MIL program: read from the specification or from weight.bin, and rounded to their stored type."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pspm_runtime.errors import ModelError
from torch import Tensor

from pspm_export.writers.converter_output import quiet

with quiet():
    from coremltools.proto import MIL_pb2  # type: ignore[import-untyped]

WEIGHTS = Path("Data/com.apple.CoreML/weights/weight.bin")
BLOB_HEADER = struct.Struct("<IIQQ")
BLOB_SENTINEL = 0xDEADBEEF
TYPES = {
    MIL_pb2.BOOL: np.bool_,
    MIL_pb2.INT8: np.int8,
    MIL_pb2.UINT8: np.uint8,
    MIL_pb2.INT16: np.int16,
    MIL_pb2.UINT16: np.uint16,
    MIL_pb2.INT32: np.int32,
    MIL_pb2.UINT32: np.uint32,
    MIL_pb2.FLOAT16: np.float16,
    MIL_pb2.FLOAT32: np.float32,
}

Value = Tensor | str


class Constants:
    """Reads the constants of one package. Raises OSError where its weights cannot be read."""

    def __init__(self, package: Path) -> None:
        self._path = package / WEIGHTS
        self._weights = self._path.read_bytes() if self._path.exists() else b""

    def read(self, value: Any) -> Value:
        """Read a MIL value: strings become str, floats float32, integers int64. Raises ModelError for a lost weight."""
        kind, dimensions = value.type.tensorType.dataType, value.type.tensorType.dimensions
        if kind == MIL_pb2.STRING:
            return str(value.immediateValue.tensor.strings.values[0])
        if value.WhichOneof("value") == "blobFileValue":
            numbers = self._blob(value.blobFileValue.offset, TYPES[kind])
        else:
            tensor = value.immediateValue.tensor
            field = tensor.WhichOneof("value")
            content = getattr(tensor, field).values
            numbers = np.frombuffer(content, TYPES[kind]) if field == "bytes" else np.array(content, TYPES[kind])
        return stored_as(kind, torch.from_numpy(_widened(numbers)).reshape([d.constant.size for d in dimensions]))

    def _blob(self, offset: int, kind: type[np.generic]) -> np.ndarray:
        """Read a tensor of weight.bin. Its header holds a sentinel, a type, the size in bytes and the start."""
        if offset + BLOB_HEADER.size <= len(self._weights):
            sentinel, _, size, start = BLOB_HEADER.unpack_from(self._weights, offset)
            if sentinel == BLOB_SENTINEL and start + size <= len(self._weights):
                return np.frombuffer(self._weights[start : start + size], kind)
        raise ModelError(f"{self._path} holds no weight at byte {offset}; export it again")


def stored_as(kind: int, value: Tensor) -> Tensor:
    """Round a tensor to the type that the file declares, and hold it in float32, int64 or bool again."""
    if kind == MIL_pb2.FLOAT16:
        return value.half().float()
    if kind == MIL_pb2.FLOAT32:
        return value.float()
    return value.bool() if kind == MIL_pb2.BOOL else value.long()


def _widened(numbers: np.ndarray) -> np.ndarray:
    """Convert to what torch computes with: float32, int64 or bool."""
    if numbers.dtype.kind == "f":
        return numbers.astype(np.float32)
    return numbers.astype(np.int64) if numbers.dtype.kind in "iu" else numbers.copy()
