"""Track: a box that follows a small person, or a group of them, from frame to frame.

What is decided stays decided until several frames agree that it should not: where the box is, and whether there is one.
"""

from dataclasses import dataclass, replace
from functools import reduce

from pspm_runtime.constants import GAIN, PERSON_MARGIN
from pspm_runtime.looks.boxes import area, gain, overlap, union, widened
from pspm_runtime.looks.closer import people_in
from pspm_runtime.looks.look import Box, Look
from pspm_runtime.stages.network_view import InputSize

# So many frames, one after the other, must agree on a change.
AGREED = 3
# A box stays where it is while so much of the space around its people is left on every side.
LEFT = 0.4
# A box that moves keeps its size if that is at least this share of what its people need, along both sides.
TIGHT = 0.85
# A person who has come so near that a look is hardly closer than that at the whole frame needs no box.
LEAST_GAIN = 1.25


@dataclass(frozen=True)
class Track:
    """A box in pixels of the frames, and the people who were last seen in it.

    doubts: how many frames, one after the other, had nobody there, or somebody too large.
    """

    box: Box
    people: Box
    doubts: int = 0

    @classmethod
    def begun(cls, look: Look) -> "Track | None":
        """A track that begins with a closer look; None if nobody is in it."""
        people = people_in(look)
        return cls(look.box, reduce(union, people)) if people else None

    def after(self, look: Look, size: tuple[int, int], rule: InputSize, turn: int) -> "Track | None":
        """The track for the next frame, after a look at its box; None if it ends.

        size: (width, height) of the frame. rule: of the views.
        """
        people = seen_in(look, self.people)
        if people is None:
            return self._doubted()
        needed = widened(people, size)
        box = self.box if _has_room(self.box, people, size) else _moved(self.box, needed, people, size)
        if area(box) > GAIN**2 * area(needed):
            box = needed
        moved = replace(self, box=box, people=people)
        if gain(needed, (0, 0, *size), rule, turn) < LEAST_GAIN:
            return moved._doubted()
        return replace(moved, doubts=0)

    def is_within(self, other: "Track") -> bool:
        """Whether all people of the track are those of another one, which has come to hold both."""
        left, top, right, bottom = other.people
        return left <= self.people[0] and top <= self.people[1] and self.people[2] <= right and self.people[3] <= bottom

    def _doubted(self) -> "Track | None":
        return None if self.doubts + 1 == AGREED else replace(self, doubts=self.doubts + 1)


def seen_in(look: Look, people: Box) -> Box | None:
    """The box around those people in a look who are where others were, None if there are none."""
    found = [box for box in people_in(look) if overlap(box, people)]
    return reduce(union, found) if found else None


def is_cut_off(look: Look, people: Box, size: tuple[int, int]) -> bool:
    """Whether people reach to an edge of a look that is not an edge of the frame, so that there is more of them."""
    # Boxes of regions are exact to a cell, which is a hundredth of a view or less.
    near = 0.01 * max(look.box[2] - look.box[0], look.box[3] - look.box[1])
    return any(space < near for space in _spaces(look.box, people, size))


def _has_room(box: Box, people: Box, size: tuple[int, int]) -> bool:
    least = LEFT * PERSON_MARGIN * max(people[2] - people[0], people[3] - people[1])
    return all(space >= least for space in _spaces(box, people, size))


def _spaces(box: Box, people: Box, size: tuple[int, int]) -> list[float]:
    """The space between people and the edges of a box; endless where the box ends with the frame."""
    edges = (0, 0, *size)
    return [float("inf") if box[i] == edges[i] else (people[i] - box[i]) * (1 if i < 2 else -1) for i in range(4)]


def _moved(box: Box, needed: Box, people: Box, size: tuple[int, int]) -> Box:
    """A box of the same size around people, or the one that they need if that is larger."""
    starts, ends = [], []
    for axis in (0, 1):
        length = box[axis + 2] - box[axis]
        if length < TIGHT * (needed[axis + 2] - needed[axis]):
            return needed
        middle = (people[axis] + people[axis + 2] - length) // 2
        start = min(max(0, middle), size[axis] - length)
        starts.append(start)
        ends.append(start + length)
    return starts[0], starts[1], ends[0], ends[1]
