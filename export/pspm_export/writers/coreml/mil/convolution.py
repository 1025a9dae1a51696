"""MIL operators that multiply by weights, and pooling, which pads its input as convolution does."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pspm_export.writers.coreml.mil.operator import Operator


def _conv(
    x: Tensor,
    weight: Tensor,
    strides: Tensor,
    pad_type: str,
    pad: Tensor,
    dilations: Tensor,
    groups: Tensor,
    bias: Tensor | None = None,
) -> Tensor:
    x = _pad_plane(x, pad_type, pad, 0.0)
    return F.conv2d(x, weight, bias, strides.tolist(), 0, dilations.tolist(), int(groups))


def _linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    return F.linear(x, weight, bias)


def _matmul(x: Tensor, y: Tensor, transpose_x: Tensor, transpose_y: Tensor) -> Tensor:
    return (x.mT if bool(transpose_x) else x) @ (y.mT if bool(transpose_y) else y)


def _max_pool(
    x: Tensor, kernel_sizes: Tensor, strides: Tensor, pad_type: str, pad: Tensor, ceil_mode: Tensor
) -> Tensor:
    x = _pad_plane(x, pad_type, pad, -torch.inf)
    return F.max_pool2d(x, kernel_sizes.tolist(), strides.tolist(), ceil_mode=bool(ceil_mode))


def _avg_pool(
    x: Tensor,
    kernel_sizes: Tensor,
    strides: Tensor,
    pad_type: str,
    pad: Tensor,
    ceil_mode: Tensor,
    exclude_padding_from_average: Tensor,
) -> Tensor:
    if bool(pad.any()) and bool(exclude_padding_from_average):
        raise NotImplementedError("padding that does not count")
    x = _pad_plane(x, pad_type, pad, 0.0)
    return F.avg_pool2d(x, kernel_sizes.tolist(), strides.tolist(), ceil_mode=bool(ceil_mode))


def _pad_plane(x: Tensor, pad_type: str, pad: Tensor, value: float) -> Tensor:
    """Pad height and width. MIL's order is top, bottom, left, right; the type "valid" ignores these numbers."""
    if pad_type == "valid":
        return x
    if pad_type != "custom":
        raise NotImplementedError(f"the padding {pad_type!r}")
    top, bottom, left, right = pad.tolist()
    return F.pad(x, (left, right, top, bottom), value=value)


_WINDOW = ("x", "kernel_sizes", "strides", "pad_type", "pad", "ceil_mode")

CONVOLUTION = {
    "conv": Operator(("x", "weight", "strides", "pad_type", "pad", "dilations", "groups", "bias"), _conv),
    "linear": Operator(("x", "weight", "bias"), _linear),
    "matmul": Operator(("x", "y", "transpose_x", "transpose_y"), _matmul),
    "max_pool": Operator(_WINDOW, _max_pool),
    "avg_pool": Operator((*_WINDOW, "exclude_padding_from_average"), _avg_pool),
}
