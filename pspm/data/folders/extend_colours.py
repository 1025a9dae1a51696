"""Give the transparent part of a cut-out the colours of its visible part."""

import cv2
import numpy as np


def extend_colours(image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Replace each pixel where alpha is 0 by the nearest pixel where it is not.

    image: (H, W, 3) uint8; alpha: (H, W). Files store arbitrary colours, mostly black, under transparent pixels, and
    any resampling would mix them into the edge.
    """
    hidden = alpha == 0
    if hidden.all():
        return image
    _, nearest = cv2.distanceTransformWithLabels(
        hidden.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    colours = np.zeros((nearest.max() + 1, 3), np.uint8)
    colours[nearest[~hidden]] = image[~hidden]
    return colours[nearest]
