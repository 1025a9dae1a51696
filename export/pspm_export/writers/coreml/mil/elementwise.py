"""MIL operators on single elements: arithmetic, comparisons, activations, casts."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pspm_export.writers.coreml.mil.operator import Operator


def _cast(x: Tensor, dtype: str) -> Tensor:
    """Drop the fraction of floats cast to integers. The interpreter rounds the result to the declared type."""
    if dtype.startswith("fp"):
        return x.float()
    return x.trunc() if x.is_floating_point() else x


def _gelu(x: Tensor, mode: str) -> Tensor:
    if mode != "EXACT":
        raise NotImplementedError(f"the mode {mode!r}")
    return F.gelu(x)


ELEMENTWISE = {
    "add": Operator(("x", "y"), lambda x, y: x + y),
    "sub": Operator(("x", "y"), lambda x, y: x - y),
    "mul": Operator(("x", "y"), lambda x, y: x * y),
    "real_div": Operator(("x", "y"), lambda x, y: x / y),
    "floor_div": Operator(("x", "y"), lambda x, y: torch.floor_divide(x, y)),
    "abs": Operator(("x",), lambda x: x.abs()),
    "greater": Operator(("x", "y"), lambda x, y: x > y),
    "greater_equal": Operator(("x", "y"), lambda x, y: x >= y),
    "equal": Operator(("x", "y"), lambda x, y: x == y),
    "select": Operator(("cond", "a", "b"), lambda cond, a, b: torch.where(cond, a, b)),
    "cast": Operator(("x", "dtype"), _cast),
    "clip": Operator(("x", "alpha", "beta"), lambda x, alpha, beta: x.clamp(float(alpha), float(beta))),
    "sqrt": Operator(("x",), lambda x: x.sqrt()),
    "relu": Operator(("x",), lambda x: x.relu()),
    "leaky_relu": Operator(("x", "alpha"), lambda x, alpha: F.leaky_relu(x, float(alpha))),
    "sigmoid": Operator(("x",), lambda x: x.sigmoid()),
    "softplus": Operator(("x",), lambda x: F.softplus(x)),
    "elu": Operator(("x", "alpha"), lambda x, alpha: F.elu(x, float(alpha))),
    "sin": Operator(("x",), lambda x: x.sin()),
    "cos": Operator(("x",), lambda x: x.cos()),
    "tanh": Operator(("x",), lambda x: x.tanh()),
    "gelu": Operator(("x", "mode"), _gelu),
}
