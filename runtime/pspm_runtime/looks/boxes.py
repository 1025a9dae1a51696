"""Boxes: the parts of a photo that a closer look shows larger."""

import math

import numpy as np
from PIL import Image

from pspm_runtime.constants import GAIN, LONGEST_PART, PART_OVERLAP, PERSON_MARGIN, SOMETHING, SPECK, SURE
from pspm_runtime.looks.look import Box, view_size
from pspm_runtime.looks.regions import regions
from pspm_runtime.stages.network_view import InputSize


def boxes_of_people(alpha: np.ndarray, size: tuple[int, int], rule: InputSize, most: int, turn: int = 0) -> list[Box]:
    """The boxes of a photo where a closer look at people pays; at most so many, the largest win first.

    alpha: matte of the whole photo, float32 (h, w). size: (width, height) of the photo. rule: of the views.
    Each box is that of a connected region of the matte with space around it. Boxes that overlap become one. A person
    who is large takes in what is near and gets no closer look. Small people whose common box would be as large
    keep boxes of their own. What is long and low, such as a row of people, is cut into parts.
    """
    photo = (0, 0, *size)
    found = [
        widened(enlarged(box, alpha.shape, size), size)
        for box, pixels in regions(alpha > SOMETHING)
        if pixels >= SPECK and cut(alpha, box).max() > SURE
    ]
    parts: list[Box] = []
    for box in _joined(found, size, rule, turn):
        pieces = _pieces(box)
        parts += [piece for piece in pieces if gain(piece, photo, rule, turn) >= GAIN]
    parts.sort(key=lambda box: -_win(alpha, box, size, rule, turn))
    return parts[:most]


def cut(matte: np.ndarray, box: Box) -> np.ndarray:
    """The part of a matte within a box of its own pixels."""
    left, top, right, bottom = box
    return matte[top:bottom, left:right]


def area(box: Box) -> int:
    """Number of pixels of a box."""
    return (box[2] - box[0]) * (box[3] - box[1])


def union(one: Box, other: Box) -> Box:
    """The box around two boxes."""
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes have pixels in common."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def shared(one: Box, other: Box) -> float:
    """The area that two boxes have in common, as a share of the area that they cover."""
    left, top, right, bottom = (
        max(one[0], other[0]),
        max(one[1], other[1]),
        min(one[2], other[2]),
        min(one[3], other[3]),
    )
    common = max(0, right - left) * max(0, bottom - top)
    return common / (area(one) + area(other) - common)


def enlarged(box: Box, shape: tuple[int, ...], size: tuple[int, int]) -> Box:
    """A box of a matte of this shape (h, w), in pixels of what it is a matte of, (width, height)."""
    (h, w), (width, height) = shape[:2], size
    return box[0] * width // w, box[1] * height // h, -(-box[2] * width // w), -(-box[3] * height // h)


def part_resized(plane: np.ndarray, box: Box, size: tuple[int, int], shape: tuple[int, ...]) -> np.ndarray:
    """The part of a plane, float32, within a box, resized bilinearly to a shape (h, w).

    box: in pixels of what it is a plane of, whose size is (width, height).
    """
    height, width = plane.shape
    across, down = width / size[0], height / size[1]
    part = box[0] * across, box[1] * down, min(box[2] * across, width), min(box[3] * down, height)
    return np.asarray(Image.fromarray(plane).resize((shape[1], shape[0]), Image.Resampling.BILINEAR, part))


def widened(box: Box, size: tuple[int, int]) -> Box:
    """A box with `PERSON_MARGIN` around it, as far as a photo of this size goes."""
    left, top, right, bottom = box
    space = round(PERSON_MARGIN * max(right - left, bottom - top))
    return max(0, left - space), max(0, top - space), min(size[0], right + space), min(size[1], bottom + space)


def gain(box: Box, photo: Box, rule: InputSize, turn: int = 0) -> float:
    """How many times larger a look at a box shows things than a look at the photo."""
    (bw, bh), (pw, ph) = view_size(rule, box, turn), view_size(rule, photo, turn)
    return math.sqrt(bw * bh / area(box) / (pw * ph / area(photo)))


def _joined(found: list[Box], size: tuple[int, int], rule: InputSize, turn: int) -> list[Box]:
    """The boxes, joined where they overlap, but for small ones whose common box would be large."""
    photo = (0, 0, *size)
    boxes = list(found)
    again = True
    while again:
        again = False
        for i, one in enumerate(boxes):
            for j in range(i + 1, len(boxes)):
                both = union(one, boxes[j])
                is_large = min(gain(box, photo, rule, turn) for box in (one, boxes[j])) < GAIN
                if overlap(one, boxes[j]) and (is_large or gain(both, photo, rule, turn) >= GAIN):
                    boxes[i] = both
                    del boxes[j]
                    again = True
                    break
            if again:
                break
    return boxes


def _pieces(box: Box) -> list[Box]:
    """A box, or the overlapping parts of one that is too long."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if max(width, height) <= LONGEST_PART * min(width, height):
        return [box]
    if width > height:
        return [(left + start, top, left + stop, bottom) for start, stop in _spans(width, height)]
    return [(left, top + start, right, top + stop) for start, stop in _spans(height, width)]


def _spans(long: int, short: int) -> list[tuple[int, int]]:
    """Start and stop of the parts of a length, of at most `LONGEST_PART` times another one."""
    return overlapping(long, math.ceil((long / short / LONGEST_PART - PART_OVERLAP) / (1 - PART_OVERLAP)))


def overlapping(length: int, count: int) -> list[tuple[int, int]]:
    """Start and stop of so many equal parts of a length, each of which overlaps the next one by `PART_OVERLAP`."""
    part = length / (count - (count - 1) * PART_OVERLAP)
    step = part * (1 - PART_OVERLAP)
    return [(round(i * step), min(length, round(i * step + part))) for i in range(count)]


def _win(alpha: np.ndarray, box: Box, size: tuple[int, int], rule: InputSize, turn: int) -> float:
    """What a look at a box wins: pixels of people in it, times the share of a closer view that the first one lacks."""
    left, top, right, bottom = enlarged(box, (size[1], size[0]), (alpha.shape[1], alpha.shape[0]))
    people = float((alpha[top:bottom, left:right] > SOMETHING).sum())
    return people * (1 - gain(box, (0, 0, *size), rule, turn) ** -2)
