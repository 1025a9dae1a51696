"""MIL operators that move elements: joining, splitting, slicing, reshaping, padding with a constant; and ranges."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from pspm_export.writers.coreml.mil.operator import Operator


def _concat(values: list[Tensor], axis: Tensor, interleave: Tensor) -> Tensor:
    if bool(interleave):
        raise NotImplementedError("interleaved channels")
    return torch.cat([value if value.ndim else value[None] for value in values], int(axis))


def _stack(values: list[Tensor], axis: Tensor) -> Tensor:
    return torch.stack(values, int(axis))


def _split(x: Tensor, split_sizes: Tensor, axis: Tensor) -> tuple[Tensor, ...]:
    return x.split(split_sizes.tolist(), int(axis))


def _reshape(x: Tensor, shape: Tensor) -> Tensor:
    """0 keeps a length, -1 takes what is left."""
    return x.reshape([length or x.shape[i] for i, length in enumerate(shape.tolist())])


def _transpose(x: Tensor, perm: Tensor) -> Tensor:
    return x.permute(perm.tolist())


def _expand_dims(x: Tensor, axes: Tensor) -> Tensor:
    for axis in axes.tolist():
        x = x.unsqueeze(axis)
    return x


def _tile(x: Tensor, reps: Tensor) -> Tensor:
    return x.repeat(reps.tolist())


def _shape(x: Tensor) -> Tensor:
    return torch.tensor(x.shape)


def _gather(x: Tensor, indices: Tensor, axis: Tensor, batch_dims: Tensor) -> Tensor:
    if int(batch_dims):
        raise NotImplementedError("batches of indices")
    return torch.from_numpy(np.array(x.numpy().take(indices.numpy(), int(axis))))


def _slice_by_index(
    x: Tensor,
    begin: Tensor,
    end: Tensor,
    stride: Tensor | None = None,
    end_mask: Tensor | None = None,
    squeeze_mask: Tensor | None = None,
) -> Tensor:
    """Slice each axis. `end_mask` extends the slice of an axis to its end, `squeeze_mask` drops the axis afterwards."""
    strides = [1] * x.ndim if stride is None else stride.tolist()
    to_end = [False] * x.ndim if end_mask is None else end_mask.tolist()
    drops = [False] * x.ndim if squeeze_mask is None else squeeze_mask.tolist()
    for axis, (first, last, rest) in enumerate(zip(begin.tolist(), end.tolist(), to_end, strict=True)):
        length = x.shape[axis]
        stop = length if rest else last % length or length
        x = x.narrow(axis, first, stop - first)
    return x[tuple(0 if drop else slice(None, None, step) for drop, step in zip(drops, strides, strict=True))]


def _pad(x: Tensor, pad: Tensor, mode: str, constant_val: Tensor) -> Tensor:
    """Pad with a constant. MIL gives two numbers for each axis in order; torch wants the last axis first."""
    if mode != "constant":
        raise NotImplementedError(f"the mode {mode!r}")
    return F.pad(x, pad.reshape(-1, 2).flip(0).flatten().tolist(), value=float(constant_val))


def _range_1d(start: Tensor, end: Tensor, step: Tensor) -> Tensor:
    return torch.arange(start.item(), end.item(), step.item())


def _fill(shape: Tensor, value: Tensor) -> Tensor:
    return torch.full(shape.tolist(), value.item())


SHAPE = {
    "fill": Operator(("shape", "value"), _fill),
    "range_1d": Operator(("start", "end", "step"), _range_1d),
    "concat": Operator(("values", "axis", "interleave"), _concat),
    "stack": Operator(("values", "axis"), _stack),
    "split": Operator(("x", "split_sizes", "axis"), _split),
    "reshape": Operator(("x", "shape"), _reshape),
    "transpose": Operator(("x", "perm"), _transpose),
    "expand_dims": Operator(("x", "axes"), _expand_dims),
    "tile": Operator(("x", "reps"), _tile),
    "shape": Operator(("x",), _shape),
    "gather": Operator(("x", "indices", "axis", "batch_dims"), _gather),
    "slice_by_index": Operator(("x", "begin", "end", "stride", "end_mask", "squeeze_mask"), _slice_by_index),
    "pad": Operator(("x", "pad", "mode", "constant_val"), _pad),
}
