"""Run a network with a trimap on a photo at its own size, in tiles that overlap and blend without seams.

Small photos are enlarged first if the network's size rule says so. Only tiles with unknown pixels are run. Where the
unknown region is wider than a network can judge from one tile, the photo is matted at a smaller size first; what that
decides for certain becomes known at the next larger size.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter

from pspm_runtime.stages.network_view import InputSize, resize_to_view
from pspm_runtime.stages.trimap import BACKGROUND, FOREGROUND, UNKNOWN, keep_known, reduce_trimap

# Predicts alpha, float32 (h, w) in [0, 1], of a tile: RGB, and its trimap, float32 (h, w) of -1, 0, 1.
Predict = Callable[[Image.Image, np.ndarray], np.ndarray]

# From an unknown pixel to the nearest known one, as a share of a tile's side. Beyond it, the photo is looked at from
# farther away first: a tile of a large photo may show nothing known, or only blurred surfaces.
REACH = 0.1
# The unknown region is measured in cells of so many pixels.
CELL = 16
# A smaller photo than this shows too little.
SMALLEST_SIDE = 96
# A coarse matte decides a pixel if all pixels within so many agree on 0 or 255, give or take `AGREED`. It does not see
# single hairs, which reach some pixels farther than its soft edge.
CERTAIN_RADIUS = 8
AGREED = 4


class Span(NamedTuple):
    """One tile along one axis. start: its first pixel; weights: of its pixels; they sum to 1 with its neighbours'."""

    start: int
    weights: np.ndarray


def matte_in_tiles(
    predict: Predict, photo: Image.Image, trimap: Image.Image, size: InputSize, bits: int = 8
) -> np.ndarray:
    """Matte a photo, RGB, with a trimap, an L image of its size as `open_trimap` makes it.

    Returns (H, W) uint8 or, with 16 bits, uint16. The matte equals the trimap where that is known.
    """
    larger = size.enlarged(*photo.size)
    if larger == photo.size:
        return _matte_from_coarse_to_fine(predict, photo, trimap, size, bits)
    drawn = trimap.resize(larger, Image.Resampling.NEAREST)
    matte = _matte_from_coarse_to_fine(predict, photo.resize(larger, Image.Resampling.BICUBIC), drawn, size, 16)
    return _reduce(matte, trimap, bits)


def _reduce(matte: np.ndarray, trimap: Image.Image, bits: int) -> np.ndarray:
    """Reduce a matte with 16 bits to the trimap's size: each unknown pixel gets the mean of the area it covers."""
    drawn = np.asarray(trimap)
    means = Image.fromarray(matte.astype(np.float32)).resize(trimap.size, Image.Resampling.BOX)
    levels = 1 if bits == 16 else 257
    decided = np.rint(np.asarray(means) / levels)
    reduced: np.ndarray = np.where(drawn == UNKNOWN, decided, drawn * np.float32(257 / levels))
    return reduced.astype(np.uint16 if bits == 16 else np.uint8)


def _matte_from_coarse_to_fine(
    predict: Predict, photo: Image.Image, trimap: Image.Image, size: InputSize, bits: int
) -> np.ndarray:
    """The matte of a photo at its own size, where the unknown region is wide from smaller sizes on."""
    guess: Image.Image | None = None
    matte = np.zeros(0)
    for factor in _factors(trimap, min(size.tile(*photo.size))):
        smaller = max(1, round(photo.width / factor)), max(1, round(photo.height / factor))
        view = photo if factor == 1 else resize_to_view(photo, smaller)
        drawn = trimap if factor == 1 else reduce_trimap(trimap, smaller)
        known = drawn if guess is None else _decide(drawn, guess)
        matte = _matte(predict, view, known, size, 8 if factor > 1 else bits)
        guess = Image.fromarray(matte) if factor > 1 else None
    return matte


def spans(length: int, side: int, overlap: int) -> list[Span]:
    """Divide `length` pixels into tiles of `side` that overlap by at least `overlap`, evenly spread.

    Weights change in the middle half of `overlap` only, because alpha near the border of a tile lacks context.
    """
    count = 1 if length <= side else -(-(length - overlap) // (side - overlap))
    starts = [round(i * (length - side) / max(1, count - 1)) for i in range(count)]
    middles = [(first + side + second) / 2 for first, second in pairwise(starts)]
    found = []
    for i, start in enumerate(starts):
        at = start + np.arange(side) + 0.5
        weights = np.ones(side)
        if i > 0:
            weights *= _rise(at, middles[i - 1], overlap)
        if i < count - 1:
            weights *= 1 - _rise(at, middles[i], overlap)
        found.append(Span(start, weights.astype(np.float32)))
    return found


def _rise(at: np.ndarray, middle: float, overlap: int) -> np.ndarray:
    """From 0 to 1 over half of the overlap around its middle."""
    return np.clip((at - middle) / (overlap / 2) + 0.5, 0, 1)


def _matte(predict: Predict, photo: Image.Image, trimap: Image.Image, size: InputSize, bits: int) -> np.ndarray:
    """The matte of a photo at its own size; known pixels are those of the trimap."""
    width, height = photo.size
    tile = size.tile(width, height)
    columns, rows = (spans(*axis, size.overlap) for axis in zip((width, height), tile, strict=True))
    drawn = np.array(trimap)
    matte = drawn if bits == 8 else drawn.astype(np.uint16) * 257
    # Sums of the tiles of a row, and of the row above where both overlap.
    sums = np.zeros((tile[1], max(width, tile[0])), np.float32)
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        for column in columns:
            box = column.start, row.start, column.start + tile[0], row.start + tile[1]
            weights = row.weights[:, None] * column.weights
            if _has_unknown(drawn[box[1] : box[3], box[0] : box[2]], weights):
                alpha = predict(*_cut(photo, trimap, box))
                sums[:, box[0] : box[2]] += weights * alpha
        done = height - row.start if following is None else following.start - row.start
        rows_done = slice(row.start, row.start + done)
        decided = np.rint(sums[:done, :width] * (2**bits - 1)).astype(matte.dtype)
        np.copyto(matte[rows_done], decided, where=drawn[rows_done] == UNKNOWN)
        sums[:-done] = sums[done:]
        sums[-done:] = 0
    return matte


def _has_unknown(trimap: np.ndarray, weights: np.ndarray) -> bool:
    """Whether a tile decides any unknown pixel; the tile may cross the photo's border."""
    height, width = trimap.shape
    return bool(((trimap == UNKNOWN) & (weights[:height, :width] > 0)).any())


def _cut(photo: Image.Image, trimap: Image.Image, box: tuple[int, int, int, int]) -> tuple[Image.Image, np.ndarray]:
    """A tile of the photo and of the trimap. Beyond the photo's border its last pixels are repeated."""
    left, top, right, bottom = box
    inside = left, top, min(right, photo.width), min(bottom, photo.height)
    rgb, grey = (np.asarray(image.crop(inside)) for image in (photo, trimap))
    beyond = (0, bottom - inside[3]), (0, right - inside[2])
    rgb, grey = np.pad(rgb, (*beyond, (0, 0)), mode="edge"), np.pad(grey, beyond, mode="edge")
    known = (grey == FOREGROUND).astype(np.float32) - (grey == BACKGROUND)
    return Image.fromarray(rgb), known


def _factors(trimap: Image.Image, side: int) -> Iterator[int]:
    """How many times smaller the photo is matted, from the smallest, which fits a tile of `side`, to its own size."""
    depth, (shorter, longer) = unknown_depth(trimap), sorted(trimap.size)
    factor = 1
    while depth / factor > REACH * side and longer / factor > side and shorter / (2 * factor) >= SMALLEST_SIDE:
        factor *= 2
    while factor >= 1:
        yield factor
        factor //= 2


def unknown_depth(trimap: Image.Image) -> int:
    """How far the unknown pixel that is deepest in its region is from a known one, in pixels, rounded to `CELL`.

    0 where no cell is unknown as a whole.
    """
    cells = max(1, trimap.width // CELL), max(1, trimap.height // CELL)
    unknown = trimap.point([255 if value == UNKNOWN else 0 for value in range(256)])
    inside = _only_white(unknown.resize(cells, Image.Resampling.BOX))
    depth = 0
    while inside.getbbox() and depth < max(trimap.size):
        depth += CELL
        inside = _erode(inside, 1)
    return depth


def _decide(trimap: Image.Image, guess: Image.Image) -> Image.Image:
    """The trimap with those unknown pixels decided that a smaller matte, L, is certain about."""
    decided = trimap.copy()
    for value, certain in ((BACKGROUND, range(AGREED + 1)), (FOREGROUND, range(255 - AGREED, 256))):
        agrees = guess.point([255 if level in certain else 0 for level in range(256)])
        decided.paste(value, mask=_erode(agrees, CERTAIN_RADIUS).resize(trimap.size, Image.Resampling.NEAREST))
    return keep_known(decided, trimap)


def _erode(mask: Image.Image, radius: int) -> Image.Image:
    """Pixels whose square of neighbours within a radius is all in the mask; beyond the border everything is."""
    return _only_white(mask.filter(ImageFilter.BoxBlur(radius)))


def _only_white(mask: Image.Image) -> Image.Image:
    """255 where an L image is 255, else 0."""
    return mask.point([0] * 255 + [255])
