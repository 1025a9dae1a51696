"""The Laplacian pyramid loss: errors of every scale count, the coarse ones most."""

import torch.nn.functional as F
from torch import Tensor

LEVELS = 5


def laplacian_loss(alpha: Tensor, truth: Tensor) -> Tensor:
    """l_lap: mean absolute differences of the two pyramids' levels, level k weighted by 2^k (sec. 5.5.1).

    alpha, truth: (N, 1, H, W) with sides that are multiples of 2^`LEVELS`.
    """
    loss = alpha.new_zeros(())
    for level in range(LEVELS):
        smaller, smaller_truth = F.avg_pool2d(alpha, 2), F.avg_pool2d(truth, 2)
        loss = loss + 2**level * ((alpha - _double(smaller)) - (truth - _double(smaller_truth))).abs().mean()
        alpha, truth = smaller, smaller_truth
    return loss


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="bilinear")
