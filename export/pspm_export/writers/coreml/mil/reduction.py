"""MIL operators that reduce or normalise along axes."""

import torch.nn.functional as F
from torch import Tensor

from pspm_export.writers.coreml.mil.operator import Operator


def _reduce_mean(x: Tensor, axes: Tensor, keep_dims: Tensor) -> Tensor:
    return x.mean(axes.tolist(), keepdim=bool(keep_dims))


def _reduce_sum(x: Tensor, axes: Tensor, keep_dims: Tensor) -> Tensor:
    return x.sum(axes.tolist(), keepdim=bool(keep_dims))


def _reduce_max(x: Tensor, axes: Tensor, keep_dims: Tensor) -> Tensor:
    return x.amax(axes.tolist(), keepdim=bool(keep_dims))


def _softmax(x: Tensor, axis: Tensor) -> Tensor:
    return x.softmax(int(axis))


def _layer_norm(x: Tensor, axes: Tensor, gamma: Tensor, beta: Tensor, epsilon: Tensor) -> Tensor:
    if axes.tolist() not in ([-1], [x.ndim - 1]):
        raise NotImplementedError("other axes than the last one")
    return F.layer_norm(x, gamma.shape, gamma, beta, float(epsilon))


def _batch_norm(x: Tensor, mean: Tensor, variance: Tensor, gamma: Tensor, beta: Tensor, epsilon: Tensor) -> Tensor:
    return F.batch_norm(x, mean, variance, gamma, beta, eps=float(epsilon))


REDUCTION = {
    "reduce_mean": Operator(("x", "axes", "keep_dims"), _reduce_mean),
    "reduce_sum": Operator(("x", "axes", "keep_dims"), _reduce_sum),
    "reduce_max": Operator(("x", "axes", "keep_dims"), _reduce_max),
    "softmax": Operator(("x", "axis"), _softmax),
    "batch_norm": Operator(("x", "mean", "variance", "gamma", "beta", "epsilon"), _batch_norm),
    "layer_norm": Operator(("x", "axes", "gamma", "beta", "epsilon"), _layer_norm),
}
