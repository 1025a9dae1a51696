"""Give normalisations that were unfolded the statistics of pictures, so that they can learn.

At rest such a normalisation adds its bias and changes nothing else. Let learn, it would divide each channel by a
deviation that nothing behind it was trained for: the loss of the shipped B5 rose from 0.5 to 3.6 that way.
"""

from collections.abc import Collection
from typing import Any

import torch
from torch import Tensor, nn


@torch.no_grad()
def calibrate(network: nn.Module, norms: Collection[nn.BatchNorm2d], images: Tensor) -> None:
    """Set the statistics of some of a network's normalisations to those of (N, 3, H, W) photographs in [-1, 1].

    Their weight and bias change with them, so that the network at rest computes what it did.
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
