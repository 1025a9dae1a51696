"""A second look: the soft part of a look's matte is decided again, from nearer.

The first look says who is the person, and a larger view shows how the hair goes. A larger view alone would lose parts
of the person. Where nothing is soft, nothing is run.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from pspm_runtime.colour.profiles import to_srgb
from pspm_runtime.engines.engine import Engine
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.boxes import cut, enlarged, part_resized
from pspm_runtime.looks.look import MOST_ENLARGED, Box, Look, matte_of, mirrored_matte_of
from pspm_runtime.looks.quality import Quality
from pspm_runtime.stages.box_filter import box_mean
from pspm_runtime.stages.network_view import InputSize, network_view
from pspm_runtime.stages.refine import settle, to_8_bit
from pspm_runtime.stages.soft_tiles import soft_pixels

# A view that is less than so many times as long shows too little more. Of a large soft part, only the softest is seen.
LEAST = 1.3
# A part is trimmed by strips of so many pixels of the first view.
STRIP = 16
# Pixels of the first view around its soft ones that are decided again, and those that are seen around these.
REACH, MARGIN = 6, 16
# Pixels within that border over which the second look takes over from the first.
RAMP = 2
# Around a pixel, so many pixels of the first view to each side, the second look may move the mean of the matte by so
# much. It knows less than the first one of who is the person: a large part that they judge differently is the first's.
AROUND = 8
MOST_MOVED = np.float32(0.1)


@dataclass(frozen=True)
class Nearness:
    """How near a second look goes.

    scale: how many times as long the sides of the view may become. runs: how many pixels the network may see, in views
    of the first look. mirrored: whether it sees them mirrored too, and the mean of both answers counts.
    """

    scale: float
    runs: float
    mirrored: bool


NEARNESS: dict[Quality, Nearness] = {
    "balanced": Nearness(scale=1.6, runs=0.7, mirrored=False),
    "best": Nearness(scale=1.6, runs=2.6, mirrored=True),
}


def second_look(engine: Engine, photo: Photo, look: Look, nearness: Nearness) -> Look:
    """Show the network the soft part of a look from nearer: a look at the same box with a larger view.

    engine: the network of the first look. The view is as large as the part, the runs and the network's size rule allow.
    Returns the look itself where nothing is soft, and where the view could be hardly larger. Raises ModelError for what
    is not a matte.
    """
    alpha = settle(look.alpha)
    share = share_of_second_look(alpha, REACH)
    if not share.any() or engine.size.sizes or engine.size.multiple == engine.size.longest:
        return look
    pixels, longest = round(nearness.runs * alpha.size / LEAST**2), int(engine.size.longest / LEAST)
    part = _softest_part(np.minimum(alpha, 1 - alpha), _around(share, MARGIN), pixels, longest)
    share = share * _inner(share.shape, part)
    scale = min(nearness.scale, _largest_scale(engine.size, look, part, nearness.runs))
    if scale < LEAST:
        return look
    size, seen = _larger_view(engine.size, look, part, scale)
    view = network_view(photo.image, photo.transparency, size, look.box)
    second = resized(alpha, size)
    pixels_seen = np.rot90(np.asarray(to_srgb(view.crop(seen), photo.icc_profile)), look.turn)
    answer = _answer(engine, pixels_seen, mirrored=nearness.mirrored)
    second[seen[1] : seen[3], seen[0] : seen[2]] = np.rot90(answer, -look.turn)
    return Look(look.box, blend(alpha, second, share), view, look.turn)


def with_detail(small: Look, larger: Look) -> Look:
    """The look with a small view, whose soft part is decided by one with a larger view of the same box."""
    alpha = settle(small.alpha)
    return replace(larger, alpha=blend(alpha, settle(larger.alpha), share_of_second_look(alpha, REACH)))


def _answer(engine: Engine, pixels: np.ndarray, *, mirrored: bool) -> np.ndarray:
    """The network's matte of RGB pixels, float32 (h, w); with `mirrored`, the mean with that of their mirror image."""
    alpha = matte_of(engine, pixels)
    if not mirrored:
        return alpha
    mean: np.ndarray = (alpha + mirrored_matte_of(engine, pixels)) / 2
    return mean


def _around(share: np.ndarray, margin: int) -> Box:
    """The part of the first view around all pixels with a share, with a margin in pixels."""
    down, across = np.flatnonzero(share.any(1)), np.flatnonzero(share.any(0))
    height, width = share.shape
    return (
        max(int(across[0]) - margin, 0),
        max(int(down[0]) - margin, 0),
        min(int(across[-1]) + 1 + margin, width),
        min(int(down[-1]) + 1 + margin, height),
    )


def _softest_part(softness: np.ndarray, part: Box, pixels: int, longest: int) -> Box:
    """Trim a part to so many pixels, and its sides to the longest, where its outer strips are the least soft."""
    left, top, right, bottom = part
    while True:
        width, height = right - left, bottom - top
        wide, tall = width > longest, height > longest
        across, down = width > 2 * STRIP and (wide or not tall), height > 2 * STRIP and (tall or not wide)
        small_enough = not (wide or tall) and width * height <= pixels
        if small_enough or not (across or down):
            return left, top, right, bottom
        strips = (
            softness[top:bottom, left : left + STRIP],
            softness[top : top + STRIP, left:right],
            softness[top:bottom, right - STRIP : right],
            softness[bottom - STRIP : bottom, left:right],
        )
        means = [
            float(strip.mean()) if trimmed else math.inf
            for strip, trimmed in zip(strips, (across, down, across, down), strict=True)
        ]
        least = means.index(min(means))
        left, top = left + STRIP * (least == 0), top + STRIP * (least == 1)
        right, bottom = right - STRIP * (least == 2), bottom - STRIP * (least == 3)


def _inner(shape: tuple[int, ...], part: Box) -> np.ndarray:
    """Weights of a first view's pixels, float32 (h, w): 0 outside a part, 1 in it, rising within its border.

    The network lacks context at the border, except at that of the view.
    """
    axes = []
    for length, start, stop in zip(shape, part[1::-1], part[:1:-1], strict=True):
        at = np.arange(length, dtype=np.float32) + np.float32(0.5)
        rise = np.ones_like(at) if start == 0 else (at - start) / (MARGIN / 2) - 1
        fall = np.ones_like(at) if stop == length else (stop - at) / (MARGIN / 2) - 1
        axes.append(np.clip(np.minimum(rise, fall), 0, 1))
    weights: np.ndarray = axes[0][:, None] * axes[1]
    return weights


def _largest_scale(rule: InputSize, look: Look, part: Box, runs: float) -> float:
    """How many times as long as those of the first view the sides of another one may become."""
    left, top, right, bottom = look.box
    width, height = part[2] - part[0], part[3] - part[1]
    pixels = look.alpha.size
    return min(
        (runs * pixels / (width * height)) ** 0.5,
        MOST_ENLARGED * ((right - left) * (bottom - top) / pixels) ** 0.5,
        rule.longest / max(width, height),
    )


def _larger_view(rule: InputSize, look: Look, part: Box, scale: float) -> tuple[tuple[int, int], Box]:
    """(width, height) of a larger view of a look's box, and the part of it that the network sees.

    Each side of both is a multiple as in the rule, so the part is a little larger than that of the first view.
    """
    left, top, right, bottom = look.box
    side = look.alpha.size**0.5 * scale
    while True:
        size = replace(rule, side=round(side), longest=2**31).fit(right - left, bottom - top)
        ends = []
        for axis in (0, 1):
            ratio = size[axis] / look.alpha.shape[1 - axis] / rule.multiple
            start, stop = math.floor(part[axis] * ratio), math.ceil(part[axis + 2] * ratio)
            ends.append((start * rule.multiple, min(stop * rule.multiple, size[axis])))
        if max(stop - start for start, stop in ends) <= rule.longest:
            return size, (ends[0][0], ends[1][0], ends[0][1], ends[1][1])
        side -= rule.multiple


def share_of_second_look(alpha: np.ndarray, reach: int) -> np.ndarray:
    """How much a second look decides of each pixel of a settled matte: float32 (h, w) in [0, 1].

    Above 0 only within `reach` of soft pixels, across and down, and fading out towards the border of these parts.
    """
    near = soft_pixels(to_8_bit(alpha))
    if not near.any():
        return np.zeros_like(alpha)
    for _ in range(2):
        padded = np.pad(near, ((reach, reach), (0, 0)))
        near = np.logical_or.reduce([padded[i : i + len(near)] for i in range(2 * reach + 1)]).T
    share: np.ndarray = np.maximum(0, 2 * box_mean(near.astype(np.float32), RAMP) - 1)
    return share


def resized(plane: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Resize a plane, float32 (h, w), to (width, height), bilinearly."""
    return np.array(Image.fromarray(plane).resize(size, Image.Resampling.BILINEAR))


def blend(first: np.ndarray, second: np.ndarray, share: np.ndarray) -> np.ndarray:
    """The second look's matte, float32 (h, w), by its share, without what it moves too far; elsewhere the first one's.

    first: settled, at the size of the first look, as is share.
    """
    size = second.shape[1], second.shape[0]
    blended = resized(first, size)
    if not share.any():
        return blended
    excess = _excess(first, resized(second, (first.shape[1], first.shape[0])), share)
    # A pixel more to each side: bilinear enlarging reaches so far.
    part = enlarged(_around(share, 1), first.shape, size)
    decided = cut(blended, part)
    moved = cut(second, part) - decided
    moved -= part_resized(excess, part, size, decided.shape)
    moved *= part_resized(share, part, size, decided.shape)
    decided += moved
    return np.clip(blended, 0, 1, out=blended)


def _excess(first: np.ndarray, second: np.ndarray, share: np.ndarray) -> np.ndarray:
    """By how much the second matte moves the mean around each pixel farther than `MOST_MOVED`: (h, w), signed."""
    weight = np.maximum(box_mean(share, AROUND), np.float32(1e-3))
    moved = box_mean(share * (second - first), AROUND) / weight
    excess: np.ndarray = moved - np.clip(moved, -MOST_MOVED, MOST_MOVED)
    return excess
