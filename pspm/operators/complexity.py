"""Parameters and multiply-adds of an operator, assembly included (Table 1 of the SAPA paper), counted as it runs."""

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from pspm.operators.interface import Operator

CELLS = 8
# Every product of two features is one multiply-add. The squares in a layer norm do not count.
PRODUCTS = (torch.ops.aten.mul.Tensor,)
CONVOLUTIONS = (torch.ops.aten.convolution.default,)


class Complexity(NamedTuple):
    """The cost of an operator.

    parameters: normalisation and biases included.
    madds: multiply-adds of guidance and upsampling, per position of the feature before upsampling.
    """

    parameters: int
    madds: float


@torch.no_grad()
def complexity(operator: Operator, channels: int) -> Complexity:
    """Count an operator for this number of channels, without pooling, biases, normalisation and interpolation."""
    training = operator.training
    counter = Counter()
    with counter:
        guidance = operator.eval().guide(torch.rand(1, channels, 2 * CELLS, 2 * CELLS))
        operator.upsample(torch.rand(1, channels, CELLS, CELLS), guidance)
    operator.train(training)
    return Complexity(sum(p.numel() for p in operator.parameters()), counter.madds / CELLS**2)


class Counter(TorchDispatchMode):
    """Counts the multiply-adds of torch calls while it is active."""

    def __init__(self) -> None:
        super().__init__()
        self.madds = 0

    def __torch_dispatch__(
        self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = function(*args, **(kwargs or {}))
        if function in CONVOLUTIONS:
            _, weight = args[:2]
            transposed = args[6]
            # A convolution applies its kernel once per output, a transposed one once per input.
            self.madds += weight[0].numel() * (args[0] if transposed else result).numel()
        elif function in PRODUCTS and all(isinstance(arg, Tensor) for arg in args):
            self.madds += result.numel()
        return result
