"""Pictures and mattes for test vectors and tests: synthetic ones, and the sample portrait."""

import numpy as np
from PIL import Image

from pspm_runtime.files.sample import sample_photo
from pspm_runtime.stages.compose import cover_box


def noise(width: int, height: int, channels: int = 3, seed: int = 0) -> np.ndarray:
    """Uniform noise: (height, width, channels) uint8."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)


def gradient(width: int, height: int) -> np.ndarray:
    """A smooth RGB picture, (height, width, 3) uint8, that no flip, rotation or channel swap leaves unchanged."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    return (np.stack([x, y, (x + 2 * y) / 3], -1) * 200 + 20).astype(np.uint8)


def disc(width: int, height: int, softness: float = 0.1, share: float = 0.6) -> np.ndarray:
    """A matte of a centred ellipse: (height, width) float32 in [0, 1].

    softness: width of the soft edge, as a share of the ellipse. share: size of the ellipse, as a share of the picture.
    """
    x, y = np.meshgrid((np.arange(width) + 0.5) / width * 2 - 1, (np.arange(height) + 0.5) / height * 2 - 1)
    return np.clip((1 - np.hypot(x, y) / share) / softness + 0.5, 0, 1).astype(np.float32)


def to_codes(alpha: np.ndarray) -> np.ndarray:
    """Convert a matte in [0, 1] to uint8, rounded."""
    return (alpha * 255 + 0.5).astype(np.uint8)


def portrait(width: int, height: int) -> Image.Image:
    """The sample portrait, centre-cropped and resized: RGB."""
    with Image.open(sample_photo()) as sample:
        box = cover_box(sample.size, (width, height))
        return sample.convert("RGB").resize((width, height), Image.Resampling.BILINEAR, box=box)
