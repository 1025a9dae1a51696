"""The moving average of the weights during a run."""

from collections.abc import Callable

import torch
from torch import Tensor


def moving_average(decay: float) -> Callable[[list[Tensor], list[Tensor], int | Tensor], None]:
    """Exponential moving average for Lightning's `WeightAveraging`.

    The decay rises to its limit during the first steps, so that the average soon forgets the initial weights.
    """

    def update(means: list[Tensor], values: list[Tensor], steps: int | Tensor) -> None:
        n = float(steps)
        if means[0].is_floating_point():
            torch._foreach_lerp_(means, values, 1 - min(decay, (n + 1) / (n + 10)))
        else:
            torch._foreach_copy_(means, values)

    return update
