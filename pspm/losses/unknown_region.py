"""The unknown region and trimap of training, made from the true alpha.

Evaluation uses others (`pspm.evaluation.metrics`): an ellipse instead of a square, and a fixed radius.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

SOFT = (0.02, 0.98)


def training_unknown_region(alpha: Tensor, radius: int | Tensor) -> Tensor:
    """U: where the true alpha is soft (between `SOFT`), dilated by a square of side 2 radius + 1 (sec. 6.5.2).

    alpha: (N, 1, H, W) in [0, 1]; radius in pixels: one for all, or one for each picture, (N,) int64.
    Returns 0 or 1, (N, 1, H, W).

    The unknown region of the metrics (`pspm.evaluation.metrics`) is dilated by an ellipse of a fixed radius, so its
    corners are rounder. Here a square is used because it is separable: on a CPU it takes a fifth of the time.
    """
    if isinstance(radius, Tensor):
        return torch.cat([training_unknown_region(one[None], r) for one, r in zip(alpha, radius.tolist(), strict=True)])
    soft = ((alpha > SOFT[0]) & (alpha < SOFT[1])).float()
    side = 2 * radius + 1
    rows = F.max_pool2d(soft, (1, side), stride=1, padding=(0, radius))
    return F.max_pool2d(rows, (side, 1), stride=1, padding=(radius, 0))


def training_trimap(alpha: Tensor, unknown: Tensor) -> Tensor:
    """The true trimap: class indices in the order of `TRIMAP_CLASSES`, (N, H, W) int64.

    alpha: the true one, (N, 1, H, W); unknown: its unknown region, of the same shape. The trimap of the metrics
    (`pspm.evaluation.metrics`) differs only in the unknown region.
    """
    return torch.where(unknown > 0, 1, torch.where(alpha > 0.5, 2, 0))[:, 0]
