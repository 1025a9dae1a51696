"""A result with 16 bits a channel, which Pillow cannot hold in colour."""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class WideImage:
    """Grey (H, W) or RGBA (H, W, 4) as uint16, with the colour profile that describes it, None for sRGB."""

    pixels: np.ndarray
    icc_profile: bytes | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def channels(self) -> int:
        """1 for grey, 4 for RGBA."""
        return 1 if self.pixels.ndim == 2 else self.pixels.shape[2]

    def crop(self, box: tuple[int, int, int, int]) -> "WideImage":
        """The part in a box: left, top, right, bottom."""
        left, top, right, bottom = box
        return replace(self, pixels=self.pixels[top:bottom, left:right])


def pixels_of(image: Image.Image | WideImage, top: int, bottom: int) -> np.ndarray:
    """The rows from `top` to `bottom` of an image: (h, W) or (h, W, channels)."""
    if isinstance(image, WideImage):
        return image.pixels[top:bottom]
    return np.asarray(image.crop((0, top, image.width, bottom)))


def profile_in(image: Image.Image | WideImage) -> bytes | None:
    """The colour profile that an image carries."""
    return image.icc_profile if isinstance(image, WideImage) else image.info.get("icc_profile")
