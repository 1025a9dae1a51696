"""Errors of the mattes of a clip against its true alphas, all float32 (H, W) in [0, 1]."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from pspm.evaluation.metrics import conn, grad

# The truth stands still where it changes by less than half a level.
STILL = 0.5 / 255


def clip_errors(alphas: Iterable[np.ndarray], truths: Iterable[np.ndarray]) -> dict[str, float]:
    """Errors of a clip by name; lower is better, but for IoU.

    MAD, MSE: means over all pixels and frames, in thousandths. Grad, Conn: means over frames of the sum over all
    pixels, in thousands, see `pspm.evaluation.metrics`.
    dtSSD: of Erofeev et al., "Perceptually motivated benchmark for video matting" (2015): for each pair of neighbouring
    frames the root of the mean of the squared difference between the change of the matte and that of the truth, in
    hundredths; the mean over the pairs. The first frame has no pair and does not count, unlike in the code of Robust
    Video Matting, where it counts as 0.
    still: mean absolute change of the matte where the truth does not change, in thousandths.
    IoU: intersection over union of what is above one half, in percent, as the mean over frames; least IoU: of the worst
    frame, which tells whether somebody vanishes.
    """
    pairs = list(zip(alphas, truths, strict=True))
    every = np.ones(pairs[0][1].shape, bool)
    differences = [alpha - truth for alpha, truth in pairs]
    changes, still = [], []
    overlaps = [100 * _iou(alpha, truth) for alpha, truth in pairs]
    for (before, true_before), (after, true_after) in pairwise(pairs):
        moved, truly = after - before, true_after - true_before
        changes.append(np.sqrt(np.square(moved - truly).mean()))
        stands = np.abs(truly) < STILL
        if stands.any():
            still.append(np.abs(moved[stands]).mean())
    return {
        "MAD": 1000 * float(np.mean([np.abs(x).mean() for x in differences])),
        "MSE": 1000 * float(np.mean([np.square(x).mean() for x in differences])),
        "Grad": float(np.mean([grad(alpha, truth, every) for alpha, truth in pairs])),
        "Conn": float(np.mean([conn(alpha, truth, every) for alpha, truth in pairs])),
        "dtSSD": 100 * float(np.mean(changes)) if changes else 0.0,
        "still": 1000 * float(np.mean(still)) if still else 0.0,
        "IoU": float(np.mean(overlaps)),
        "least IoU": min(overlaps),
    }


def _iou(alpha: np.ndarray, truth: np.ndarray) -> float:
    here, there = alpha > 0.5, truth > 0.5
    union = int((here | there).sum())
    return int((here & there).sum()) / union if union else 1.0
