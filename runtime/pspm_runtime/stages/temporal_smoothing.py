"""A calm matte from frame to frame, for what comes from a camera."""

import numpy as np

STILL = np.float32(0.25)
JUMP = np.float32(0.25)
LARGEST_GHOST = float(JUMP * (1 - STILL) ** 2 / 4)


def smooth(alpha: np.ndarray, previous: np.ndarray | None) -> np.ndarray:
    """The matte to show for a frame, float32 (h, w) in [0, 1], from the network's and the one that was shown before.

    A recursive average, pixel by pixel: what was shown moves towards the network's matte by a share of their difference
    d, and the share, STILL + |d| / JUMP and at most 1, grows with it. What flickers is averaged over several frames,
    and what moves is followed at once: |shown - alpha| is never above LARGEST_GHOST, 9/255, so nothing leaves a
    ghost behind. previous: None, or a matte of another size, where a new sequence begins (first frame, other camera,
    device turned).
    """
    if previous is None or previous.shape != alpha.shape:
        return alpha.copy()
    difference = alpha - previous
    share = np.minimum(STILL + np.abs(difference) / JUMP, 1)
    shown: np.ndarray = previous + share * difference
    return shown
