"""The matting equation on arrays."""

import numpy as np


def composite(alpha: np.ndarray, foreground: np.ndarray, background: np.ndarray) -> np.ndarray:
    """I = alpha F + (1 - alpha) B, (H, W) and (H, W, 3) in [0, 1]."""
    return background + alpha[..., None] * (foreground - background)
