"""Errors of a matte against the truth, both (H, W) in [0, 1]; predictions are never rescaled."""

import cv2
import numpy as np

BAND_RADIUS = 10


def unknown_region(truth: np.ndarray, radius: int = BAND_RADIUS) -> np.ndarray:
    """Where the true alpha is neither 0 nor 1, dilated by `radius` pixels; (H, W) bool."""
    soft = ((truth > 0.02) & (truth < 0.98)).astype(np.uint8)
    side = 2 * radius + 1
    return cv2.dilate(soft, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))).astype(bool)


def sad(alpha: np.ndarray, truth: np.ndarray, region: np.ndarray) -> float:
    """Sum of absolute differences over a region, in thousands."""
    return float(np.abs(alpha - truth)[region].sum() / 1000)


def mse(alpha: np.ndarray, truth: np.ndarray, region: np.ndarray) -> float:
    """Mean squared difference over a region; 0 where the region is empty."""
    return float(np.square(alpha - truth)[region].mean()) if region.any() else 0.0


def mad(alpha: np.ndarray, truth: np.ndarray) -> float:
    """Mean absolute difference over the whole image."""
    return float(np.abs(alpha - truth).mean())


def iou(alpha: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union of the two masks at 0.5; 1 where both are empty."""
    a, b = alpha > 0.5, truth > 0.5
    union = (a | b).sum()
    return float((a & b).sum() / union) if union else 1.0
