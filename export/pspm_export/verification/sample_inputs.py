"""Inputs for comparing a file with torch: the sample portrait, and a trimap."""

import numpy as np
from PIL import Image, ImageOps
from pspm_runtime.files.sample import sample_photo
from pspm_runtime.stages.network_view import resize_to_view
from torch import Tensor

from pspm_export.plan.calibration import network_image


def sample_view(height: int, width: int) -> np.ndarray:
    """The middle of the sample portrait as a view, RGB (height, width, 3) uint8, in its own aspect ratio."""
    with Image.open(sample_photo()) as photo:
        scale = min(photo.width / width, photo.height / height)
        part = ImageOps.fit(photo.convert("RGB"), (round(width * scale), round(height * scale)))
        return np.asarray(resize_to_view(part, (width, height)))


def sample_image(height: int, width: int) -> Tensor:
    """The same view as the image input of a network, (1, 3, height, width) in [-1, 1]."""
    return network_image(sample_view(height, width))


def ring_trimap(height: int, width: int) -> np.ndarray:
    """A trimap with all three classes, (height, width) float32: an ellipse of 1 in a ring of 0, outside -1."""
    y, x = (np.linspace(-1, 1, side, dtype=np.float32) for side in (height, width))
    distance = np.hypot(y[:, None], x[None])
    return (distance < 0.3).astype(np.float32) - (distance > 0.9).astype(np.float32)
