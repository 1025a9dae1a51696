"""The form in which the tables of this package describe a MIL operator."""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor


class Operator(NamedTuple):
    """One MIL operator.

    inputs: the names of all inputs that we interpret. compute: called with them by keyword. Tensors are float32, int64
    or bool; strings are str; `values` of concat and stack is a list of tensors. It returns one tensor for each output.
    It raises NotImplementedError, with a noun phrase, for values that we do not interpret.
    """

    inputs: tuple[str, ...]
    compute: Callable[..., Tensor | tuple[Tensor, ...]]
