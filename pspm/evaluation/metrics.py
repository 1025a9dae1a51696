"""Errors of a matte against the truth, both (H, W) float32 in [0, 1]; predictions are never rescaled.

SAD, MSE, Grad and Conn are those of Rhemann et al., "A perceptually motivated online benchmark for image matting"
(2009); the region is (H, W) bool.
"""

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

BAND_RADIUS = 10
GRAD_SIGMA = 1.4
GRAD_EPSILON = 1e-2
CONN_STEPS = 10
CONN_TOLERANCE = 0.15
TRIMAP_CLASSES = 3


def unknown_region(truth: np.ndarray, radius: int = BAND_RADIUS) -> np.ndarray:
    """Where the true alpha is neither 0 nor 1, dilated by `radius` pixels; (H, W) bool."""
    soft = ((truth > 0.02) & (truth < 0.98)).astype(np.uint8)
    side = 2 * radius + 1
    return cv2.dilate(soft, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))).astype(bool)


def true_trimap(truth: np.ndarray) -> np.ndarray:
    """The true alpha's classes, (H, W) int: 0 background, 1 unknown (`unknown_region`), 2 foreground."""
    return np.where(unknown_region(truth), 1, np.where(truth > 0.5, 2, 0))


def shrink(truth: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """The true alpha at the (height, width) of a network's view."""
    height, width = shape
    return cv2.resize(truth, (width, height), interpolation=cv2.INTER_AREA)


def sad(alpha: np.ndarray, truth: np.ndarray, region: np.ndarray) -> float:
    """Sum of absolute differences over a region, in thousands."""
    return float(np.abs(alpha - truth)[region].sum() / 1000)


def mse(alpha: np.ndarray, truth: np.ndarray, region: np.ndarray) -> float:
    """Mean squared difference over a region; 0 where the region is empty."""
    return float(np.square(alpha - truth)[region].mean()) if region.any() else 0.0


def grad(alpha: np.ndarray, truth: np.ndarray, region: np.ndarray) -> float:
    """Sum over a region of the squared difference of the gradients' magnitudes, in thousands."""
    return float(np.square(_gradient_magnitude(alpha) - _gradient_magnitude(truth))[region].sum() / 1000)


def conn(alpha: np.ndarray, truth: np.ndarray, region: np.ndarray) -> float:
    """Sum over a region of the difference in connectedness to the largest part that both share, in thousands.

    A pixel's level is the highest threshold up to which it belongs to that part. What alpha lies above the level
    counts as loose, from `CONN_TOLERANCE` on.
    """
    level = _connected_level(alpha, truth)
    return float(np.abs(_connectedness(alpha, level) - _connectedness(truth, level))[region].sum() / 1000)


def mad(alpha: np.ndarray, truth: np.ndarray) -> float:
    """Mean absolute difference over the whole image."""
    return float(np.abs(alpha - truth).mean())


def iou(alpha: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union of the two masks at 0.5; 1 where both are empty."""
    a, b = alpha > 0.5, truth > 0.5
    union = (a | b).sum()
    return float((a & b).sum() / union) if union else 1.0


def trimap_iou(trimap: np.ndarray, truth: np.ndarray) -> float:
    """Mean intersection over union of the classes of two trimaps, (H, W) int; of those classes that occur in either."""
    both = np.bincount((trimap * TRIMAP_CLASSES + truth).ravel(), minlength=TRIMAP_CLASSES**2)
    counts = both.reshape(TRIMAP_CLASSES, TRIMAP_CLASSES)
    shared = counts.diagonal()
    union = counts.sum(0) + counts.sum(1) - shared
    return float((shared[union > 0] / union[union > 0]).mean())


def _gradient_magnitude(x: np.ndarray) -> np.ndarray:
    # The kernel is the outer product of a Gaussian and its derivative, and so is separable; dividing either by its
    # own L2 norm divides the product by its own.
    radius = int(np.ceil(GRAD_SIGMA * np.sqrt(-2 * np.log(np.sqrt(2 * np.pi) * GRAD_SIGMA * GRAD_EPSILON))))
    at = np.arange(-radius, radius + 1)
    gaussian = np.exp(-(at**2) / (2 * GRAD_SIGMA**2))
    smooth, slope = (kernel / np.linalg.norm(kernel) for kernel in (gaussian, at * gaussian))
    x = x.astype(np.float64)
    along, down = (
        cv2.sepFilter2D(x, cv2.CV_64F, *kernels, borderType=cv2.BORDER_REPLICATE)
        for kernels in ((slope, smooth), (smooth, slope))
    )
    return np.hypot(along, down)


def _connected_level(alpha: np.ndarray, truth: np.ndarray) -> np.ndarray:
    # Compared in float32, as alpha is: 51/255 reaches the threshold 0.2.
    thresholds = (np.arange(CONN_STEPS + 1) / CONN_STEPS).astype(np.float32)
    level = np.ones(truth.shape, np.float32)
    held = np.ones(truth.shape, bool)
    for below, threshold in pairwise(thresholds):
        part = _largest_part((alpha >= threshold) & (truth >= threshold))
        level[held & ~part] = below
        held &= part
    return level


def _largest_part(mask: np.ndarray) -> np.ndarray:
    """The largest 4-connected part, the first of equals in reading order; empty where the mask is."""
    _, labels, facts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    areas = facts[1:, cv2.CC_STAT_AREA]
    return labels == 1 + areas.argmax() if len(areas) else mask


def _connectedness(x: np.ndarray, level: np.ndarray) -> np.ndarray:
    loose = x - level
    return 1 - loose * (loose >= CONN_TOLERANCE)
