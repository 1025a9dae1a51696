"""A soft matte from a photograph and a hard mask.

Levin, Lischinski, Weiss, "A closed-form solution to natural image matting" (2008), solved in a band around the mask's
edge. Lengths are pixels where the picture is `HEIGHT` high and the person covers `PERSON` x `PERSON` pixels, as in a
portrait; in proportion in other pictures, and narrower for a person who is small in the picture.
"""

import io
from contextlib import redirect_stdout

import cv2
import numpy as np
from pymatting.laplacian.cf_laplacian import cf_laplacian
from pymatting.preconditioner.ichol import ichol
from pymatting.solver.cg import cg
from scipy.sparse import csc_matrix, diags

HEIGHT = 700
PERSON = 400
SPECK = 7
SMOOTHING = 1.5
ERODE = 14
DILATE = 30

EPSILON = 1e-5
PULL = 0.03
PULL_FROM = 3
PULL_FULL = 15
RESIDUAL = 1e-5

STRIP_PIXELS = 2**18


def matte(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Alpha (H, W) uint8 of a photograph (H, W, 3) uint8 whose person is roughly where mask (H, W) is not 0.

    Exactly the mask far from its edge. Raises ValueError where the solver does not converge.
    """
    unit = min(len(mask) / HEIGHT, np.sqrt(np.count_nonzero(mask)) / PERSON)
    if unit == 0:
        return np.zeros(mask.shape, np.uint8)
    person = smooth(without_specks(mask > 0, SPECK * unit), SMOOTHING * unit)
    inside, outside = _distance(person), _distance(~person)
    unknown = (inside <= ERODE * unit) & (outside <= DILATE * unit)
    if person.all() or not person.any():
        return person * np.uint8(255)

    # Beyond single strands of hair the mask is more often right than colours are.
    ramp = (np.maximum(inside, outside) / unit - PULL_FROM) / (PULL_FULL - PULL_FROM)
    alpha = solve(image / 255.0, person, unknown, PULL * np.clip(ramp, 0, 1))
    # The solution never quite reaches 0 and 1 where it should.
    alpha = np.clip((alpha - 0.04) / 0.92, 0, 1)
    alpha[alpha < 0.02] = 0
    alpha[alpha > 0.98] = 1
    return np.round(alpha * 255).astype(np.uint8)


def solve(image: np.ndarray, person: np.ndarray, unknown: np.ndarray, pull: np.ndarray) -> np.ndarray:
    """Minimise a^T L a + sum(pull (a - person)^2) over the unknown pixels, the others being `person`.

    image: (H, W, 3) float64 in [0, 1]; person, unknown: (H, W) bool; pull: (H, W). Returns alpha (H, W) float64,
    about in [0, 1]. Raises ValueError where the conjugate gradients do not converge.
    """
    height, width = person.shape
    alpha = person.astype(np.float64)
    count = np.count_nonzero(unknown)
    number = np.zeros(person.shape, np.int32)
    number[unknown] = np.arange(count, dtype=np.int32)

    # L = [L_U R; R^T L_K]: (L_U + P) a_U = P person_U - R a_K. In strips: L takes 400 bytes a pixel, known or not.
    matrix = csc_matrix(diags(pull[unknown]))
    right = pull[unknown] * alpha[unknown]
    step = max(1, STRIP_PIXELS // width)
    for top in range(0, height - 2, step):
        rows = slice(top, min(top + step + 2, height))
        free = unknown[rows].ravel()
        if not free.any():
            continue
        laplacian = cf_laplacian(image[rows], EPSILON, is_known=~unknown[rows])[free]
        place = number[rows].ravel()[free]
        right[place] -= laplacian[:, ~free] @ alpha[rows].ravel()[~free]
        part = laplacian[:, free].tocoo()
        matrix += csc_matrix((part.data, (place[part.row], place[part.col])), matrix.shape)
    # It prints a warning for each shift of the diagonal that it tries in vain.
    with redirect_stdout(io.StringIO()):
        preconditioner = ichol(matrix)
    alpha[unknown] = cg(matrix, right, x0=alpha[unknown], rtol=RESIDUAL, M=preconditioner)
    return alpha


def without_specks(person: np.ndarray, side: float) -> np.ndarray:
    """Fill holes of the person, and drop islands, of less than side x side pixels. (H, W) bool."""
    for value in (False, True):
        _, labels, stats, _ = cv2.connectedComponentsWithStats((person == value).astype(np.uint8), connectivity=4)
        small = stats[:, cv2.CC_STAT_AREA] < side * side
        # Label 0 is everything else.
        small[0] = False
        person = person ^ small[labels]
    return person


def smooth(person: np.ndarray, sigma: float) -> np.ndarray:
    """Round off the steps of an outline. (H, W) bool."""
    return cv2.GaussianBlur(person.astype(np.float32), (0, 0), sigma) > 0.5


def _distance(region: np.ndarray) -> np.ndarray:
    """Of every pixel of the region to the nearest one outside it, in pixels; 0 outside."""
    return cv2.distanceTransform(region.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
