"""The difference of Laplacian pyramids: errors of every scale count, the wide ones most."""

import torch.nn.functional as F
from torch import Tensor

LEVELS = 5


def laplacian_loss(alpha: Tensor, truth: Tensor) -> Tensor:
    """l_lap of (N, 1, H, W) mattes whose sides divide by 2^`LEVELS`: level k of the pyramid weighs 2^k."""
    loss = alpha.new_zeros(())
    for level in range(LEVELS):
        smaller, smaller_truth = F.avg_pool2d(alpha, 2), F.avg_pool2d(truth, 2)
        loss = loss + 2**level * ((alpha - _double(smaller)) - (truth - _double(smaller_truth))).abs().mean()
        alpha, truth = smaller, smaller_truth
    return loss


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="bilinear")
