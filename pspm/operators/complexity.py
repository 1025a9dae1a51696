"""What an operator costs, assembly included: Table 1 of the SAPA paper, counted on the operator as it runs."""

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from pspm.operators.interface import Operator

CELLS = 8
# Every multiplication of two features is one multiply-add; the squares of a layer normalisation are none.
PRODUCTS = (torch.ops.aten.mul.Tensor,)
CONVOLUTIONS = (torch.ops.aten.convolution.default,)


class Complexity(NamedTuple):
    """parameters: normalisations and biases included.

    madds: multiply-adds for each position of the feature that is upsampled, of the guidance and the upsampling.
    """

    parameters: int
    madds: float


@torch.no_grad()
def complexity(operator: Operator, channels: int) -> Complexity:
    """Of an operator for so many channels. The pooling, biases, normalisations and interpolations are left out."""
    training = operator.training
    counter = Counter()
    with counter:
        guidance = operator.eval().guide(torch.rand(1, channels, 2 * CELLS, 2 * CELLS))
        operator.upsample(torch.rand(1, channels, CELLS, CELLS), guidance)
    operator.train(training)
    return Complexity(sum(p.numel() for p in operator.parameters()), counter.madds / CELLS**2)


class Counter(TorchDispatchMode):
    """Counts multiply-adds as torch computes them."""

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
            # A convolution weighs once for each output, a transposed one once for each input.
            self.madds += weight[0].numel() * (args[0] if transposed else result).numel()
        elif function in PRODUCTS and all(isinstance(arg, Tensor) for arg in args):
            self.madds += result.numel()
        return result
