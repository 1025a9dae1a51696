"""Calibrate batch norms that were unfolded, so that they can learn.

An unfolded batch norm only adds its bias while it is frozen. If it learned uncalibrated, it would divide each channel
by a standard deviation that the following layers were not trained for: the loss of the shipped B5 rose from 0.5 to 3.6.
"""

from collections.abc import Collection
from typing import Any

import torch
from torch import Tensor, nn


@torch.no_grad()
def calibrate(network: nn.Module, norms: Collection[nn.BatchNorm2d], images: Tensor) -> None:
    """Set the running statistics of some batch norms of a network to those of images, (N, 3, H, W) in [-1, 1].

    Changes their weight and bias to match, so that the network with frozen batch norms computes the same as before.
    """

    def take(norm: nn.BatchNorm2d, inputs: Any) -> None:
        assert norm.running_mean is not None and norm.running_var is not None
        variance, mean = torch.var_mean(inputs[0], (0, 2, 3), correction=0)
        slope = norm.weight / (norm.running_var + norm.eps).sqrt()
        norm.weight.copy_(slope * (variance + norm.eps).sqrt())
        norm.bias.add_(slope * (mean - norm.running_mean))
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)

    hooks = [norm.register_forward_pre_hook(take) for norm in norms]
    try:
        network.eval()(images)
    finally:
        for hook in hooks:
            hook.remove()
