"""MIL operators that decompress weights when the program is loaded."""

import numpy as np
import torch
from torch import Tensor

from pspm_export.writers.coreml.mil.operator import Operator


def _affine_dequantize(quantized_data: Tensor, zero_point: Tensor, scale: Tensor, axis: Tensor) -> Tensor:
    shape = [1] * quantized_data.ndim
    shape[int(axis)] = -1
    return scale.reshape(shape) * (quantized_data - zero_point.reshape(shape))


def _lut_to_dense(indices: Tensor, lut: Tensor, shape: Tensor) -> Tensor:
    """Look up packed indices in a palette. The indices have no gaps between them, the lowest bit comes first."""
    bits = lut.numel().bit_length() - 1
    stream = np.unpackbits(indices.numpy().astype(np.uint8), bitorder="little")
    stream = stream[: bits * int(shape.prod())].reshape(-1, bits)
    return lut[torch.from_numpy(stream @ (1 << np.arange(bits)))].reshape(shape.tolist())


DECOMPRESSION = {
    "constexpr_affine_dequantize": Operator(("quantized_data", "zero_point", "scale", "axis"), _affine_dequantize),
    "constexpr_lut_to_dense": Operator(("indices", "lut", "shape"), _lut_to_dense),
}
