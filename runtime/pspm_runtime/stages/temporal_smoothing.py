"""Smooth the mattes of camera frames over time."""

import numpy as np

from pspm_runtime.constants import JUMP, STILL

LARGEST_GHOST = float(JUMP * (1 - STILL) ** 2 / 4)


def smooth(alpha: np.ndarray, previous: np.ndarray | None) -> np.ndarray:
    """Average a frame's matte with the one shown before it: float32 (h, w) in [0, 1].

    alpha: the network's matte of this frame. previous: the matte shown for the last frame. None or another size starts
    a new sequence (first frame, another camera, a rotated device).
    A recursive average per pixel: the shown value moves towards alpha by a share of their difference d. The share,
    STILL + |d| / JUMP, at most 1, grows with d, so flicker is averaged over several frames and motion is followed at
    once: |shown - alpha| is at most LARGEST_GHOST, 9/255, and moving edges leave no ghost.
    """
    if previous is None or previous.shape != alpha.shape:
        return alpha.copy()
    difference = alpha - previous
    share = np.minimum(STILL + np.abs(difference) / JUMP, 1)
    shown: np.ndarray = previous + share * difference
    return shown
