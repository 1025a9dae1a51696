"""Errors of a predicted alpha against the true alpha, both (H, W) float32 in [0, 1]; predictions are never rescaled.

SAD, MSE, Grad and Conn follow Rhemann et al., "A perceptually motivated online benchmark for image matting" (2009).
Their region is (H, W) bool.
"""

from collections.abc import Sequence
from itertools import pairwise
from zlib import crc32

import cv2
import numpy as np

UNKNOWN_RADIUS = 10
GRAD_SIGMA = 1.4
GRAD_EPSILON = 1e-2
GRAD_RADIUS = int(np.ceil(GRAD_SIGMA * np.sqrt(-2 * np.log(np.sqrt(2 * np.pi) * GRAD_SIGMA * GRAD_EPSILON))))
CONN_STEPS = 10
CONN_TOLERANCE = 0.15
TRIMAP_CLASSES = 3
# The class of the unknown region.
UNKNOWN = 1


def evaluation_unknown_region(truth: np.ndarray, radius: int = UNKNOWN_RADIUS) -> np.ndarray:
    """Pixels where the true alpha is between 0.02 and 0.98, dilated by a disc of `radius` pixels; (H, W) bool.

    Training dilates by a square of another radius instead: `pspm.losses.unknown_region.training_unknown_region`.
    """
    soft = ((truth > 0.02) & (truth < 0.98)).astype(np.uint8)
    side = 2 * radius + 1
    return cv2.dilate(soft, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))).astype(bool)


def evaluation_trimap(truth: np.ndarray, radius: int = UNKNOWN_RADIUS) -> np.ndarray:
    """The true trimap, (H, W) uint8 classes: 0 background, 1 `evaluation_unknown_region`, 2 foreground.

    Training's differs in the unknown region: `pspm.losses.unknown_region.training_trimap`.
    """
    return np.where(evaluation_unknown_region(truth, radius), 1, np.where(truth > 0.5, 2, 0)).astype(np.uint8)


def dilation_radius(picture: str, dilation: tuple[int, int]) -> int:
    """Draw the radius of a picture's trimap from the smallest to the largest of `dilation` (thesis sec. 5.7.2).

    It depends on the picture's name only, so every model gets the same trimap in every evaluation.
    """
    smallest, largest = dilation
    return int(np.random.default_rng(crc32(picture.encode())).integers(smallest, largest + 1))


def shrink(truth: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """Resize the true alpha to the (height, width) of a network's view."""
    height, width = shape
    return cv2.resize(truth, (width, height), interpolation=cv2.INTER_AREA)


def sad(alpha: np.ndarray, truth: np.ndarray, region: np.ndarray) -> float:
    """Sum of absolute differences over a region, in thousands."""
    return float(np.abs(alpha - truth)[region].sum() / 1000)


def mse(alpha: np.ndarray, truth: np.ndarray, region: np.ndarray) -> float:
    """Mean squared difference over a region; 0 if the region is empty."""
    return float(np.square(alpha - truth)[region].mean()) if region.any() else 0.0


def grad(alpha: np.ndarray, truth: np.ndarray, region: np.ndarray) -> float:
    """Sum over a region of the squared difference of gradient magnitudes, in thousands."""
    return float(np.square(_gradient_magnitude(alpha) - _gradient_magnitude(truth))[region].sum() / 1000)


def conn(alpha: np.ndarray, truth: np.ndarray, region: np.ndarray) -> float:
    """Sum over a region of the absolute difference in connectedness, in thousands.

    The level of a pixel is the highest threshold up to which it belongs to the largest connected part that alpha and
    truth share. A pixel that exceeds its level by d >= `CONN_TOLERANCE` has a connectedness of 1 - d, others of 1.
    """
    level = _connected_level(alpha, truth)
    return float(np.abs(_connectedness(alpha, level) - _connectedness(truth, level))[region].sum() / 1000)


def mad(alpha: np.ndarray, truth: np.ndarray) -> float:
    """Mean absolute difference over the whole picture."""
    return float(np.abs(alpha - truth).mean())


def iou(alpha: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union of the two masks at 0.5; 1 if both are empty."""
    a, b = alpha > 0.5, truth > 0.5
    union = (a | b).sum()
    return float((a & b).sum() / union) if union else 1.0


def near_person(alpha: np.ndarray, truth: np.ndarray) -> tuple[slice, slice]:
    """The rows and columns outside which both alphas are 0, and so is their gradient; one pixel if both are 0."""
    x, y, width, height = cv2.boundingRect(((alpha > 0) | (truth > 0)).astype(np.uint8))
    margin = 2 * GRAD_RADIUS
    top, left = max(0, y - margin), max(0, x - margin)
    return slice(top, y + max(1, height) + margin), slice(left, x + max(1, width) + margin)


def per_pixel(error: float, pixels: int) -> float:
    """An error that is a sum in thousands, as a mean over pixels: the form of the thesis's tables 6.2 to 6.7."""
    return error * 1000 / pixels


def trimap_iou(trimap: np.ndarray, truth: np.ndarray) -> float:
    """Mean intersection over union of the classes of two trimaps, (H, W) int, over the classes that occur in either."""
    both = np.bincount((trimap * TRIMAP_CLASSES + truth).ravel(), minlength=TRIMAP_CLASSES**2)
    counts = both.reshape(TRIMAP_CLASSES, TRIMAP_CLASSES)
    shared = counts.diagonal()
    union = counts.sum(0) + counts.sum(1) - shared
    return float((shared[union > 0] / union[union > 0]).mean())


def _gradient_magnitude(x: np.ndarray) -> np.ndarray:
    # The kernel is the outer product of a Gaussian and its derivative, so it is separable, and its L2 norm is the
    # product of theirs.
    at = np.arange(-GRAD_RADIUS, GRAD_RADIUS + 1)
    gaussian = np.exp(-(at**2) / (2 * GRAD_SIGMA**2))
    smooth, slope = (kernel / np.linalg.norm(kernel) for kernel in (gaussian, at * gaussian))
    x = x.astype(np.float64)
    along, down = (
        cv2.sepFilter2D(x, cv2.CV_64F, *kernels, borderType=cv2.BORDER_REPLICATE)
        for kernels in ((slope, smooth), (smooth, slope))
    )
    return np.hypot(along, down)


def _connected_level(alpha: np.ndarray, truth: np.ndarray) -> np.ndarray:
    # float32 like alpha, so that 51/255 reaches the threshold 0.2.
    thresholds = (np.arange(CONN_STEPS + 1) / CONN_STEPS).astype(np.float32)
    level = np.ones(truth.shape, np.float32)
    connected = np.ones(truth.shape, bool)
    for below, threshold in pairwise(thresholds):
        part = _largest_part((alpha >= threshold) & (truth >= threshold))
        level[connected & ~part] = below
        connected &= part
    return level


def _largest_part(mask: np.ndarray) -> np.ndarray:
    """The largest 4-connected part, the first in reading order of equal ones; empty if the mask is empty."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return labels == 1 + areas.argmax() if len(areas) else mask


def _connectedness(x: np.ndarray, level: np.ndarray) -> np.ndarray:
    excess = x - level
    return 1 - excess * (excess >= CONN_TOLERANCE)
