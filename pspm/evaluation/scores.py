"""All errors of one matte, and their means over a set."""

from collections.abc import Mapping, Sequence

import numpy as np

from pspm.evaluation import metrics
from pspm.evaluation.candidate import Estimate

Scores = dict[str, float | None]

COLUMNS = (
    *("SAD", "MSE", "Grad", "Conn", "SAD_f", "MSE_f", "Grad_f", "Conn_f"),
    *("MAD", "Grad_px", "Conn_px", "IoU", "mIoU", "missed", "false_alarm", "flicker"),
)
# A set also has the worst IoU of its pictures.
WORST_IOU = "IoU_min"
SET_COLUMNS = tuple(name for column in COLUMNS for name in ([column, WORST_IOU] if column == "IoU" else [column]))
# A matte whose mean is smaller is empty.
EMPTY = 1e-4


def score(estimate: Estimate, truth: np.ndarray, trimap: np.ndarray) -> Scores:
    """Compute the errors of an estimate against the true alpha, (H, W), for all `COLUMNS` except "flicker".

    trimap: the picture's true trimap, (H, W) classes. Columns with "_f" are over the full picture, those without over
    its unknown region. "Grad_px" and "Conn_px" are Grad_f and Conn_f per pixel; "MAD" is SAD_f per pixel. "mIoU" is the
    error of the network's trimap at the size of its view; None if it has no trimap. "missed" is 1 if the matte of a
    picture with a person is empty, and "false_alarm" 1 if that of a picture without one is not; each None for the
    other pictures.
    """
    alpha = estimate.alpha
    scores: Scores = {}
    # Grad and Conn take long, and add nothing where both alphas are 0.
    near = metrics.near_person(alpha, truth)
    for suffix, region in (("", trimap == metrics.UNKNOWN), ("_f", np.ones(truth.shape, bool))):
        scores[f"SAD{suffix}"] = metrics.sad(alpha, truth, region)
        scores[f"MSE{suffix}"] = metrics.mse(alpha, truth, region)
        scores[f"Grad{suffix}"] = metrics.grad(alpha[near], truth[near], region[near])
        scores[f"Conn{suffix}"] = metrics.conn(alpha[near], truth[near], region[near])
    scores["MAD"] = metrics.mad(alpha, truth)
    for error in ("Grad", "Conn"):
        total = scores[f"{error}_f"]
        assert total is not None
        scores[f"{error}_px"] = metrics.per_pixel(total, truth.size)
    scores["IoU"] = metrics.iou(alpha, truth)
    scores["mIoU"] = None if estimate.trimap is None else _trimap_iou(estimate.trimap, truth)
    empty = alpha.mean() < EMPTY
    person = bool((truth > 0.5).any())
    scores["missed"] = float(empty) if person else None
    scores["false_alarm"] = None if person else float(not empty)
    return scores


def mean_scores(rows: Sequence[Mapping[str, float | None]]) -> Scores:
    """Average every column over the pictures that have it, and find the worst IoU. None for a column that none has."""
    means: Scores = {}
    for column in COLUMNS:
        values = [row[column] for row in rows]
        known = [value for value in values if value is not None]
        means[column] = float(np.mean(known)) if known else None
        if column == "IoU":
            means[WORST_IOU] = float(min(known)) if known else None
    return means


def _trimap_iou(trimap: np.ndarray, truth: np.ndarray) -> float:
    return metrics.trimap_iou(trimap, metrics.evaluation_trimap(metrics.shrink(truth, trimap.shape)))
