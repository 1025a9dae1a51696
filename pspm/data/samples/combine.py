"""Two cut-outs as one: more shapes of foreground than there are cut-outs (thesis sec. 4.6)."""

import numpy as np


def combine(front: tuple[np.ndarray, np.ndarray], back: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """One cut-out over another: colours (S, S, 3) and alpha (S, S), all uint8, as if it had been photographed so.

    alpha = 1 - (1 - a1) (1 - a2), and the colours are such that composition gives what composing twice would.
    """
    (colours1, alpha1), (colours2, alpha2) = front, back
    a1, a2 = (a[..., None].astype(np.float32) / 255 for a in (alpha1, alpha2))
    behind = (1 - a1) * a2
    alpha = a1 + behind
    # Where both are transparent the colours mean nothing; they stay those of the one in front.
    share = np.divide(a1, alpha, out=np.ones_like(a1), where=alpha > 0)
    colours = share * colours1 + (1 - share) * colours2
    return np.rint(colours).astype(np.uint8), np.rint(alpha[..., 0] * 255).astype(np.uint8)
