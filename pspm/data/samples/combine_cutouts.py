"""Combine two cut-outs into one, for more foreground shapes than there are cut-outs (thesis sec. 4.6)."""

import numpy as np


def combine_cutouts(
    front: tuple[np.ndarray, np.ndarray], back: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Composite one cut-out over another. Takes and returns colours (S, S, 3) and alpha (S, S), all uint8.

    alpha = 1 - (1 - a1) (1 - a2). Compositing the returned colours gives the same image as compositing `back` and then
    `front`.
    """
    (colours1, alpha1), (colours2, alpha2) = front, back
    a1, a2 = (a[..., None].astype(np.float32) / 255 for a in (alpha1, alpha2))
    visible_back = (1 - a1) * a2
    alpha = a1 + visible_back
    # Where both are transparent the colours do not matter; keep those of the front.
    share = np.divide(a1, alpha, out=np.ones_like(a1), where=alpha > 0)
    colours = share * colours1 + (1 - share) * colours2
    return np.rint(colours).astype(np.uint8), np.rint(alpha[..., 0] * 255).astype(np.uint8)
