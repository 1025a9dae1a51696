"""Estimate a soft matte from a photo and a hard mask.

Levin, Lischinski, Weiss, "A closed-form solution to natural image matting" (2008), solved in a band around the mask's
edge. Lengths are in pixels of a portrait that is `HEIGHT` pixels high, with a person of `PERSON` x `PERSON` pixels.
Other images scale them in proportion, and further down if the person is small in the image.
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
# Side of the largest speck or hole that is removed from the mask, and sigma of its smoothing.
SPECK = 7
SMOOTHING = 1.5
# Half widths of the band inside and outside the edge.
ERODE = 14
DILATE = 30

EPSILON = 1e-5
# Weight of the mask in the solution; it rises from 0 to this between two distances from the edge.
MASK_WEIGHT = 0.03
MASK_WEIGHT_FROM = 3
MASK_WEIGHT_FULL = 15
RESIDUAL = 1e-5

STRIP_PIXELS = 2**18


def closed_form_matte(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Estimate alpha, (H, W) uint8, of a photo, (H, W, 3) uint8, whose person is roughly where mask, (H, W), is not 0.

    Far from the mask's edge, alpha is the mask. Raises ValueError if the solver does not converge.
    """
    unit = min(len(mask) / HEIGHT, np.sqrt(np.count_nonzero(mask)) / PERSON)
    if unit == 0:
        return np.zeros(mask.shape, np.uint8)
    person = smooth(without_specks(mask > 0, SPECK * unit), SMOOTHING * unit)
    inside, outside = _distance(person), _distance(~person)
    unknown = (inside <= ERODE * unit) & (outside <= DILATE * unit)
    if person.all() or not person.any():
        return person * np.uint8(255)

    # Beyond single strands of hair the mask is right more often than the colours.
    ramp = (np.maximum(inside, outside) / unit - MASK_WEIGHT_FROM) / (MASK_WEIGHT_FULL - MASK_WEIGHT_FROM)
    alpha = solve(image / 255.0, person, unknown, MASK_WEIGHT * np.clip(ramp, 0, 1))
    # The solution does not fully reach 0 and 1 where it should: stretch it.
    alpha = np.clip((alpha - 0.04) / 0.92, 0, 1)
    alpha[alpha < 0.02] = 0
    alpha[alpha > 0.98] = 1
    return np.round(alpha * 255).astype(np.uint8)


def solve(image: np.ndarray, person: np.ndarray, unknown: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Minimise a^T L a + sum(weight (a - person)^2) over the unknown pixels; the other pixels of a are `person`.

    image: (H, W, 3) float64 in [0, 1]; person, unknown: (H, W) bool; weight: (H, W).
    Returns alpha, (H, W) float64, roughly in [0, 1]. Raises ValueError if the conjugate gradients do not converge.
    """
    height, width = person.shape
    alpha = person.astype(np.float64)
    count = np.count_nonzero(unknown)
    number = np.zeros(person.shape, np.int32)
    number[unknown] = np.arange(count, dtype=np.int32)

    # With L = [L_U R; R^T L_K] and the diagonal matrix W of the weights: (L_U + W) a_U = W person_U - R a_K.
    # Assembled in strips, because L takes 400 bytes per pixel, known or unknown.
    matrix = csc_matrix(diags(weight[unknown]))
    right = weight[unknown] * alpha[unknown]
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
    # ichol prints a warning for each diagonal shift that fails.
    with redirect_stdout(io.StringIO()):
        preconditioner = ichol(matrix)
    alpha[unknown] = cg(matrix, right, x0=alpha[unknown], rtol=RESIDUAL, M=preconditioner)
    return alpha


def without_specks(person: np.ndarray, side: float) -> np.ndarray:
    """Fill holes and remove islands of fewer than side x side pixels. person: (H, W) bool."""
    for value in (False, True):
        _, labels, stats, _ = cv2.connectedComponentsWithStats((person == value).astype(np.uint8), connectivity=4)
        small = stats[:, cv2.CC_STAT_AREA] < side * side
        # Label 0 is the rest of the image.
        small[0] = False
        person = person ^ small[labels]
    return person


def smooth(person: np.ndarray, sigma: float) -> np.ndarray:
    """Smooth the steps of an outline. person: (H, W) bool."""
    return cv2.GaussianBlur(person.astype(np.float32), (0, 0), sigma) > 0.5


def _distance(region: np.ndarray) -> np.ndarray:
    """Distance from each pixel in the region to the nearest pixel outside it, in pixels; 0 outside."""
    return cv2.distanceTransform(region.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
