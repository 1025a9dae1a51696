"""Merge looks: one matte of the photo's size, of the looks at its parts."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from pspm_runtime.looks.look import Look
from pspm_runtime.stages.refine import refine, refine_to_16_bits


def merge(looks: Sequence[Look], image: Image.Image) -> Image.Image:
    """Refine every look onto its part of a photo and merge them: an L image of the photo's size.

    looks: the first one is at the whole photo. image: the photo, RGB.
    """
    return refine(looks[0].alpha, looks[0].view, image)


def merge_to_16_bits(looks: Sequence[Look], image: Image.Image) -> np.ndarray:
    """Do what `merge` does, with 65,536 levels: uint16 (H, W)."""
    return refine_to_16_bits(looks[0].alpha, looks[0].view, image)
