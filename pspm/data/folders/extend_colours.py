"""Colours for the invisible part of a cut-out."""

import cv2
import numpy as np


def extend_colours(image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Where alpha (H, W) is 0, the colour of the nearest pixel where it is not; image is (H, W, 3) uint8.

    What a picture holds there is left to chance, mostly black, and would run into the edge at any resampling.
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
