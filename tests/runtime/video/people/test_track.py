"""A box that follows people: when it stays, when it moves, and when it ends."""

import numpy as np
import pytest
from PIL import Image
from pspm_runtime.looks.look import Box, Look
from pspm_runtime.stages.network_view import InputSize
from pspm_runtime.video.people.track import AGREED, Track, is_cut_off

SIZE = 2000, 1200
RULE = InputSize(640, 32, 1280)


def look(box: Box, people: Box | None) -> Look:
    """A look with a pixel for four of the frame."""
    left, top, right, bottom = box
    alpha = np.zeros(((bottom - top) // 4, (right - left) // 4), np.float32)
    if people is not None:
        alpha[(people[1] - top) // 4 : (people[3] - top) // 4, (people[0] - left) // 4 : (people[2] - left) // 4] = 1
    return Look(box, alpha, Image.new("RGB", alpha.shape[::-1]))


def begun(people: Box = (1000, 400, 1160, 800)) -> Track:
    track = Track.begun(look((860, 260, 1300, 940), people))
    assert track is not None
    return track


def following(track: Track, *people: Box | None) -> Track | None:
    after: Track | None = track
    for each in people:
        assert after is not None
        after = after.after(look(after.box, each), SIZE, RULE, 0)
    return after


def moved(people: Box, across: int) -> Box:
    return people[0] + across, people[1], people[2] + across, people[3]


def test_nobody_begins_no_track() -> None:
    assert Track.begun(look((860, 260, 1300, 940), None)) is None


def test_the_box_stays_while_people_move_a_little() -> None:
    track = begun()

    after = following(track, *(moved(track.people, across) for across in (20, -20, 40, 0, 60)))

    assert after is not None
    assert after.box == track.box
    assert np.abs(np.subtract(after.people, moved(track.people, 60))).max() <= 12  # regions are exact to a cell


def test_it_moves_with_them_and_keeps_its_size() -> None:
    track = begun()

    after = following(track, *(moved(track.people, across) for across in range(20, 420, 20)))

    assert after is not None
    assert after.box != track.box
    assert [after.box[i + 2] - after.box[i] for i in (0, 1)] == [track.box[i + 2] - track.box[i] for i in (0, 1)]
    assert after.box[0] < after.people[0] < after.people[2] < after.box[2]


def test_it_stays_in_the_frame() -> None:
    track = begun()

    after = following(track, *(moved(track.people, across) for across in range(20, 840, 20)))

    assert after is not None
    assert after.box[2] == SIZE[0]


def test_it_grows_with_them() -> None:
    track = begun()
    grown = [(1000 - 8 * i, 400 - 20 * i, 1160 + 8 * i, 800) for i in range(1, 9)]

    after = following(track, *grown)

    assert after is not None
    assert after.box[3] - after.box[1] > track.box[3] - track.box[1]


def test_a_frame_without_them_does_not_end_it() -> None:
    track = begun()

    assert following(track, *[None] * (AGREED - 1)) == Track(track.box, track.people, AGREED - 1)
    assert following(track, *[None] * (AGREED - 1), track.people, *[None] * (AGREED - 1)) is not None
    assert following(track, *[None] * AGREED) is None


def test_it_ends_when_they_have_come_near() -> None:
    people = 700, 10, 1300, 1190
    track = Track((500, 0, 1500, 1200), people)

    assert following(track, *[people] * (AGREED - 1)) is not None
    assert following(track, *[people] * AGREED) is None


def test_others_in_the_box_are_not_followed() -> None:
    track = begun()
    both = look(track.box, track.people)
    both.alpha[:, 2:10] = 1  # somebody at its left edge

    after = track.after(both, SIZE, RULE, 0)

    assert after == track


@pytest.mark.parametrize(
    ("box", "people", "cut"),
    [
        ((100, 100, 500, 500), (102, 200, 200, 300), True),
        ((100, 100, 500, 500), (140, 200, 200, 300), False),
        ((0, 100, 400, 500), (0, 200, 200, 300), False),
    ],
)
def test_people_are_cut_off_at_edges_within_the_frame(box: Box, people: Box, cut: bool) -> None:
    assert is_cut_off(look(box, people), people, SIZE) is cut
