"""A second look: the soft part of a look's matte is decided again, from nearer.

The first look says who is the person, and a larger view shows how the hair goes. A larger view alone would lose parts
of the person. Where nothing is soft, nothing is run.
"""

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np
from PIL import Image

from pspm_runtime.colour.profiles import to_srgb
from pspm_runtime.constants import (
    BALANCED_SECOND_RUNS,
    BEST_SECOND_RUNS,
    MOST_ENLARGED,
    SECOND_AROUND,
    SECOND_LEAST,
    SECOND_MARGIN,
    SECOND_MOST_MOVED,
    SECOND_RAMP,
    SECOND_REACH,
    SECOND_SCALE,
    SECOND_STRIP,
)
from pspm_runtime.engines.engine import Engine
from pspm_runtime.files.photo import Photo
from pspm_runtime.looks.boxes import cut, enlarged, part_resized
from pspm_runtime.looks.look import Box, Look, matte_of, mirrored_matte_of
from pspm_runtime.looks.quality import Quality
from pspm_runtime.stages.box_filter import box_mean
from pspm_runtime.stages.network_view import InputSize, network_view
from pspm_runtime.stages.refine import settle, to_8_bit
from pspm_runtime.stages.soft_tiles import soft_pixels


@dataclass(frozen=True)
class Nearness:
    """How near a second look goes.

    scale: how many times as long the sides of the view may become. runs: how many pixels the network may see, in views
    of the first look. mirrored: whether it sees them mirrored too, and the mean of both answers counts.
    """

    scale: float
    runs: float
    mirrored: bool


class Plan(NamedTuple):
    """A second look before it is run.

    size: (width, height) of the view. seen: the part of it that the network sees. share: how much the look decides of
    each pixel of the first one.
    """

    size: tuple[int, int]
    seen: Box
    share: np.ndarray


NEARNESS: dict[Quality, Nearness] = {
    "balanced": Nearness(SECOND_SCALE, BALANCED_SECOND_RUNS, mirrored=False),
    "best": Nearness(SECOND_SCALE, BEST_SECOND_RUNS, mirrored=True),
}


def second_look(engine: Engine, photo: Photo, look: Look, nearness: Nearness) -> Look:
    """Show the network the soft part of a look from nearer: a look at the same box with a larger view.

    engine: the network of the first look. The view is as large as the part, the runs and the network's size rule allow.
    Returns the look itself where nothing is soft, and where the view could be hardly larger. Raises ModelError for what
    is not a matte.
    """
    alpha = settle(look.alpha)
    planned = plan(alpha, look.box, engine.size, nearness)
    if planned is None:
        return look
    size, seen, share = planned
    view = network_view(photo.image, photo.transparency, size, look.box)
    second = resized(alpha, size)
    pixels_seen = np.rot90(np.asarray(to_srgb(view.crop(seen), photo.icc_profile)), look.turn)
    answer = _answer(engine, pixels_seen, mirrored=nearness.mirrored)
    second[seen[1] : seen[3], seen[0] : seen[2]] = np.rot90(answer, -look.turn)
    return Look(look.box, blend(alpha, second, share), view, look.turn)


def plan(alpha: np.ndarray, box: Box, rule: InputSize, nearness: Nearness) -> Plan | None:
    """What a second look at a box shows the network, given the settled matte of the first one, float32 (h, w).

    None where nothing is soft, and where the view could be hardly larger. A network of fixed sizes takes a whole run,
    in the size of the first view.
    """
    share = share_of_second_look(alpha, SECOND_REACH)
    fixed = bool(rule.sizes) or rule.multiple == rule.longest
    if not share.any():
        return None
    # The longest sides that the network takes, and the longest parts of the first view that they show larger.
    longest = (alpha.shape[1], alpha.shape[0]) if fixed else (rule.longest, rule.longest)
    runs = math.inf if fixed else nearness.runs
    pixels = math.inf if fixed else round(runs * alpha.size / SECOND_LEAST**2)
    longest_part = int(longest[0] / SECOND_LEAST), int(longest[1] / SECOND_LEAST)
    around = _around(share, SECOND_MARGIN)
    part = _softest_part(np.minimum(alpha, 1 - alpha), around, pixels, longest_part)
    share = share * _inner(share.shape, part)
    scale = min(nearness.scale, _largest_scale(longest, alpha.size, box, part, runs))
    if scale < SECOND_LEAST:
        return None
    view_of = _larger_view_of_fixed_size if fixed else partial(_larger_view, rule)
    size, seen = view_of(alpha.shape, box, part, scale)
    return Plan(size, seen, share)


def with_detail(small: Look, larger: Look) -> Look:
    """The look with a small view, whose soft part is decided by one with a larger view of the same box."""
    alpha = settle(small.alpha)
    return replace(larger, alpha=blend(alpha, settle(larger.alpha), share_of_second_look(alpha, SECOND_REACH)))


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


def _softest_part(softness: np.ndarray, part: Box, pixels: float, longest: tuple[int, int]) -> Box:
    """Trim a part to so many pixels, and its sides to the longest (width, height), where it is the least soft."""
    left, top, right, bottom = part
    while True:
        width, height = right - left, bottom - top
        wide, tall = width > longest[0], height > longest[1]
        across, down = width > 2 * SECOND_STRIP and (wide or not tall), height > 2 * SECOND_STRIP and (tall or not wide)
        small_enough = not (wide or tall) and width * height <= pixels
        if small_enough or not (across or down):
            return left, top, right, bottom
        strips = (
            softness[top:bottom, left : left + SECOND_STRIP],
            softness[top : top + SECOND_STRIP, left:right],
            softness[top:bottom, right - SECOND_STRIP : right],
            softness[bottom - SECOND_STRIP : bottom, left:right],
        )
        means = [
            float(strip.mean()) if trimmed else math.inf
            for strip, trimmed in zip(strips, (across, down, across, down), strict=True)
        ]
        least = means.index(min(means))
        left, top = left + SECOND_STRIP * (least == 0), top + SECOND_STRIP * (least == 1)
        right, bottom = right - SECOND_STRIP * (least == 2), bottom - SECOND_STRIP * (least == 3)


def _inner(shape: tuple[int, ...], part: Box) -> np.ndarray:
    """Weights of a first view's pixels, float32 (h, w): 0 outside a part, 1 in it, rising within its border.

    The network lacks context at the border, except at that of the view.
    """
    axes = []
    for length, start, stop in zip(shape, part[1::-1], part[:1:-1], strict=True):
        at = np.arange(length, dtype=np.float32) + np.float32(0.5)
        rise = np.ones_like(at) if start == 0 else (at - start) / (SECOND_MARGIN / 2) - 1
        fall = np.ones_like(at) if stop == length else (stop - at) / (SECOND_MARGIN / 2) - 1
        axes.append(np.clip(np.minimum(rise, fall), 0, 1))
    weights: np.ndarray = axes[0][:, None] * axes[1]
    return weights


def _largest_scale(longest: tuple[int, int], pixels: int, box: Box, part: Box, runs: float) -> float:
    """How many times as long as those of the first view the sides of another one may become."""
    left, top, right, bottom = box
    width, height = part[2] - part[0], part[3] - part[1]
    return min(
        (runs * pixels / (width * height)) ** 0.5,
        MOST_ENLARGED * ((right - left) * (bottom - top) / pixels) ** 0.5,
        longest[0] / width,
        longest[1] / height,
    )


def _larger_view(
    rule: InputSize, shape: tuple[int, ...], box: Box, part: Box, scale: float
) -> tuple[tuple[int, int], Box]:
    """(width, height) of a larger view of a look's box, and the part of it that the network sees.

    Each side of both is a multiple as in the rule, so the part is a little larger than that of the first view.
    """
    left, top, right, bottom = box
    side = (shape[0] * shape[1]) ** 0.5 * scale
    while True:
        size = replace(rule, side=round(side), longest=2**31).fit(right - left, bottom - top)
        ends = []
        for axis in (0, 1):
            ratio = size[axis] / shape[1 - axis] / rule.multiple
            start, stop = math.floor(part[axis] * ratio), math.ceil(part[axis + 2] * ratio)
            ends.append((start * rule.multiple, min(stop * rule.multiple, size[axis])))
        if max(stop - start for start, stop in ends) <= rule.longest:
            return size, (ends[0][0], ends[1][0], ends[0][1], ends[1][1])
        side -= rule.multiple


def _larger_view_of_fixed_size(
    shape: tuple[int, ...], box: Box, part: Box, scale: float
) -> tuple[tuple[int, int], Box]:
    """What `_larger_view` is for a network of fixed sizes: it sees the part's middle in the shape of the first view."""
    length = shape[1], shape[0]
    size = round(length[0] * scale), round(length[1] * scale)
    starts = []
    for axis in (0, 1):
        middle = (part[axis] + part[axis + 2]) / 2 * size[axis] / length[axis]
        starts.append(min(max(0, round(middle - length[axis] / 2)), size[axis] - length[axis]))
    return size, (starts[0], starts[1], starts[0] + length[0], starts[1] + length[1])


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
    share: np.ndarray = np.maximum(0, 2 * box_mean(near.astype(np.float32), SECOND_RAMP) - 1)
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
    """By how much the second matte moves the mean around each pixel too far: (h, w), signed."""
    weight = np.maximum(box_mean(share, SECOND_AROUND), np.float32(1e-3))
    moved = box_mean(share * (second - first), SECOND_AROUND) / weight
    excess: np.ndarray = moved - np.clip(moved, -SECOND_MOST_MOVED, SECOND_MOST_MOVED)
    return excess
