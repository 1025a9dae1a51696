"""Cut the person out, or compose the person with a new background."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from PIL import Image, ImageFilter

from pspm_runtime.colour.profiles import convert
from pspm_runtime.constants import CUT_OUT_CELLS, FOREGROUND_SIDE
from pspm_runtime.files.photo import Photo
from pspm_runtime.stages.foreground import foreground_tiles
from pspm_runtime.stages.own_transparency import foreground_source, own_foreground, rounded_to_8_bits
from pspm_runtime.stages.soft_tiles import Tile

STRIP = 256


def cut_out(photo: Photo, alpha: Image.Image, grid: int = FOREGROUND_SIDE) -> Image.Image:
    """Join the estimated foreground and the matte (L) to RGBA with straight (not premultiplied) colours.

    Near the edge, the foreground colours continue outwards, so a resampled cut-out has no dark fringe. Farther away
    they are black, which compresses to almost nothing. grid: of `estimate_foreground`.
    """
    image, share = foreground_source(photo, alpha)
    reach = max(1, max(alpha.size) // CUT_OUT_CELLS)
    near = alpha.reduce(reach).filter(ImageFilter.MaxFilter(3)).point([0] + 255 * [255])
    result = Image.new("RGBA", alpha.size)
    for tile, is_near in _visible_tiles(alpha, np.asarray(near) > 0, reach):
        size = tile[2] - tile[0], tile[3] - tile[1]
        _paste(result, image.crop(tile) if is_near else Image.new("RGB", size), alpha, tile)
    for tile, colours in foreground_tiles(image, share, grid):
        left, top, right, bottom = tile
        box = left / reach, top / reach, right / reach, bottom / reach
        _paste(result, colours, alpha, tile, near.resize(colours.size, Image.Resampling.NEAREST, box=box))
    return with_profile(result, photo)


def cut_out_16_bits(photo: Photo, alpha: np.ndarray) -> np.ndarray:
    """Do what `cut_out` does with a matte of 16 bits, uint16 (H, W): RGBA as uint16 (H, W, 4).

    The colours are those of 8 bits, scaled. A colour profile is not attached.
    """
    colours = np.asarray(cut_out(photo, Image.fromarray(rounded_to_8_bits(alpha))))
    result = colours * np.uint16(257)
    result[..., 3] = alpha
    return result


def _visible_tiles(alpha: Image.Image, near: np.ndarray, reach: int) -> Iterator[tuple[Tile, bool]]:
    """Yield the tiles that are near the person, and whether they are: those of a few faint pixels are yielded too.

    near: mask of blocks of reach x reach pixels. Reducing lost the faint pixels.
    """
    for row, is_near in enumerate(near):
        edges = [0, *(np.flatnonzero(np.diff(is_near)) + 1).tolist(), len(is_near)]
        for start, stop in pairwise(edges):
            right, bottom = min(stop * reach, alpha.width), min((row + 1) * reach, alpha.height)
            tile = start * reach, row * reach, right, bottom
            if is_near[start] or alpha.crop(tile).getbbox():
                yield tile, bool(is_near[start])


def _paste(
    result: Image.Image, colours: Image.Image, alpha: Image.Image, tile: Tile, mask: Image.Image | None = None
) -> None:
    """Paste the RGB colours of a tile into RGBA, with the tile's alpha."""
    colours.putalpha(alpha.crop(tile))
    result.paste(colours, tile, mask)


def replace_background(photo: Photo, alpha: Image.Image, background: Photo) -> Image.Image:
    """Compose the person with another background: RGB of the photo's size, in the photo's colour space.

    alpha: L, of the photo's size. background: opaque, centre-cropped to fill the photo, see `open_background`. It is
    converted to the photo's colour space.
    """
    result = own_foreground(photo, alpha)
    compose(result, alpha, background.image, background.icc_profile, photo.icc_profile)
    return with_profile(result, photo)


def compose(
    foreground: Image.Image,
    alpha: Image.Image,
    background: Image.Image,
    source: bytes | None = None,
    target: bytes | None = None,
) -> None:
    """Replace F by alpha F + (1 - alpha) B, in place and strip by strip to save memory.

    The background is centre-cropped and resized to fill the foreground, and converted from its colour profile, source,
    to the foreground's, target.
    """
    width, height = foreground.size
    left, top, right, bottom = cover_box(background.size, (width, height))
    if background.width * background.height <= width * height:
        background, source = convert(background, source, target), target
    for y in range(0, height, STRIP):
        place = 0, y, width, min(y + STRIP, height)
        # Rounding can put the end of the last strip just below the background, which Pillow refuses.
        stop = min(bottom, top + (bottom - top) * place[3] / height)
        box = left, top + (bottom - top) * y / height, right, stop
        behind = background.resize((width, place[3] - y), Image.Resampling.BICUBIC, box=box)
        behind = convert(behind, source, target)
        foreground.paste(Image.composite(foreground.crop(place), behind, alpha.crop(place)), place)


def cover_box(picture: tuple[int, int], frame: tuple[int, int]) -> tuple[float, float, float, float]:
    """The centred part of a (width, height) picture that has the frame's aspect ratio: left, top, right, bottom."""
    scale = min(picture[0] / frame[0], picture[1] / frame[1])
    width, height = min(picture[0], frame[0] * scale), min(picture[1], frame[1] * scale)
    left, top = (picture[0] - width) / 2, (picture[1] - height) / 2
    return left, top, min(picture[0], left + width), min(picture[1], top + height)


def with_profile(image: Image.Image, photo: Photo) -> Image.Image:
    """Attach the photo's colour profile to the image, to be saved with it, instead of all that its file said.

    What Pillow keeps in an image's info, such as comments and XMP data with the place, it may write into new files.
    """
    image.info.clear()
    if photo.icc_profile:
        image.info["icc_profile"] = photo.icc_profile
    return image
