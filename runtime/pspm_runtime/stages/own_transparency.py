"""The matte of a photo that has transparency of its own, such as a cut-out that is matted again."""

import numpy as np
from PIL import Image, ImageChops

from pspm_runtime.constants import FOREGROUND_SIDE, REDUCING_GAP
from pspm_runtime.files.photo import Photo
from pspm_runtime.stages.box_filter import box_mean
from pspm_runtime.stages.foreground import estimate_foreground
from pspm_runtime.stages.refine import to_8_bit

SMALL_SIDE = 256
STRIP = 256
REACH = 1 / 8
# From this level on a pixel is opaque. Haze that a network or an editor left is less.
OPAQUE = 250
# Shares of the opaque pixels around that may be something else than the person: up to the first one the photo's
# transparency is the matte, from the second one on the two are multiplied.
FEW_OTHERS, MANY_OTHERS = 0.05, 0.2
# Shares of the window that must be opaque, and transparent, for the photo to count as a cut-out there.
ENOUGH = 0.02

_SHARES = np.array([255.0] + [255 / level for level in range(1, 256)], np.float32)


def within_transparency(matte: Image.Image, transparency: Image.Image) -> Image.Image:
    """Combine the matte of a photo over white with the photo's own transparency; all are L images of one size.

    Where everything opaque in a wide window is the person, the photo is a cut-out already: its soft edges are what the
    matte would find a second time, and they stay as they are. Elsewhere the transparency is multiplied into the matte.
    """
    if transparency.getextrema() == (255, 255):
        return matte
    mask = _trust(matte, transparency)
    return Image.composite(transparency, ImageChops.multiply(matte, transparency), mask)


def within_transparency_16_bits(matte: np.ndarray, transparency: Image.Image) -> np.ndarray:
    """Do what `within_transparency` does to a matte with 16 bits, uint16 (H, W), in strips and in place."""
    if transparency.getextrema() == (255, 255):
        return matte
    mask = _trust(Image.fromarray(rounded_to_8_bits(matte)), transparency)
    for y in range(0, len(matte), STRIP):
        place = 0, y, transparency.width, min(y + STRIP, len(matte))
        own, trust = (np.asarray(image.crop(place), np.float32) for image in (transparency, mask))
        rows = matte[y : y + STRIP]
        rows[:] = (own * 257 * trust + rows * (own / 255) * (255 - trust)) / 255 + 0.5
    return matte


def rounded_to_8_bits(matte: np.ndarray) -> np.ndarray:
    """A matte with 16 bits, uint16, as uint8."""
    return ((matte.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _trust(matte: Image.Image, transparency: Image.Image) -> Image.Image:
    """Where a photo's transparency is the matte: an L mask; see `within_transparency`."""
    scale = min(1, SMALL_SIDE / max(matte.size))
    size = max(1, round(matte.width * scale)), max(1, round(matte.height * scale))
    opaque = transparency.point([0] * OPAQUE + [255] * (256 - OPAQUE))
    layers = opaque, ImageChops.multiply(matte, opaque), ImageChops.invert(transparency)
    small = [
        np.asarray(x.resize(size, Image.Resampling.BOX, reducing_gap=REDUCING_GAP), np.float32) / 255 for x in layers
    ]
    visible, person, hidden = box_mean(np.stack(small), max(1, round(max(size) * REACH)))
    others = 1 - person / np.maximum(visible, 1e-6)
    trust = np.clip((MANY_OTHERS - others) / (MANY_OTHERS - FEW_OTHERS), 0, 1)
    trust *= np.minimum(np.minimum(visible, hidden) / ENOUGH, 1)
    return Image.fromarray(to_8_bit(trust)).resize(matte.size, Image.Resampling.BILINEAR)


def own_foreground(photo: Photo, alpha: Image.Image, grid: int = FOREGROUND_SIDE) -> Image.Image:
    """Foreground colours of a photo and its matte (L), see `estimate_foreground` and `foreground_source`."""
    return estimate_foreground(*foreground_source(photo, alpha), grid)


def foreground_source(photo: Photo, alpha: Image.Image) -> tuple[Image.Image, Image.Image]:
    """What foreground colours are estimated from: RGB and L of the photo's size.

    A cut-out's colours are foreground already and stay; what it hides under alpha 0 is not looked at.
    """
    if photo.transparency is None:
        return photo.image, alpha
    return photo.without_hidden().image, share_of_visible(alpha, photo.transparency)


def share_of_visible(alpha: Image.Image, transparency: Image.Image) -> Image.Image:
    """The person's share of what a photo shows, L: its matte divided by the photo's own transparency.

    It is 255 where a photo shows nothing but the person.
    """
    share = Image.new("L", alpha.size)
    for y in range(0, alpha.height, STRIP):
        place = 0, y, alpha.width, min(y + STRIP, alpha.height)
        strip = np.asarray(alpha.crop(place)) * _SHARES[np.asarray(transparency.crop(place))]
        share.paste(Image.fromarray(to_8_bit(strip / 255)), place)
    return share
