from itertools import pairwise

import numpy as np
from pspm_runtime.looks.boxes import boxes_of_people, gain, overlapping, widened
from pspm_runtime.stages.network_view import InputSize

RULE = InputSize(512, 32, 1024)
# Its view is 640 x 416, a fifth of it.
PHOTO = 3200, 2080


def matte_of(*people: tuple[int, int, int, int], alpha: float = 1) -> np.ndarray:
    matte = np.zeros((416, 640), np.float32)
    for left, top, right, bottom in people:
        matte[top:bottom, left:right] = alpha
    return matte


def boxes(*people: tuple[int, int, int, int], most: int = 9) -> list[tuple[int, int, int, int]]:
    return boxes_of_people(matte_of(*people), PHOTO, RULE, most)


def test_an_empty_matte_has_none() -> None:
    assert boxes() == []


def test_a_small_person_gets_a_box_with_space_around() -> None:
    assert boxes((200, 100, 240, 200)) == [(825, 325, 1375, 1175)]


def test_space_ends_with_the_photo() -> None:
    assert boxes((0, 316, 40, 416)) == [(0, 1405, 375, 2080)]


def test_a_large_person_gets_none() -> None:
    assert boxes((200, 60, 500, 416)) == []


def test_a_large_person_takes_in_what_is_near() -> None:
    assert boxes((200, 60, 440, 416), (480, 300, 500, 320)) == []


def test_small_people_near_each_other_share_a_box() -> None:
    assert boxes((200, 100, 240, 200), (250, 120, 280, 200)) == [(825, 325, 1540, 1175)]


def test_small_people_far_apart_get_boxes_of_their_own() -> None:
    assert sorted(boxes((40, 100, 80, 200), (560, 100, 600, 200))) == [(25, 325, 575, 1175), (2625, 325, 3175, 1175)]


def test_small_people_across_the_photo_do_not_share_one_large_box() -> None:
    people = [(x, 100, x + 60, 250) for x in range(20, 600, 100)]

    found = boxes(*people)

    assert found
    for left, _, right, _ in found:
        assert right - left < 2200
    for x, *_ in people:
        assert any(left <= 5 * x and 5 * (x + 60) <= right for left, _, right, _ in found)


def test_specks_and_faint_regions_get_none() -> None:
    assert boxes((200, 100, 203, 104)) == []
    assert boxes_of_people(matte_of((200, 100, 240, 200), alpha=0.4), PHOTO, RULE, 9) == []


def test_the_largest_win_comes_first() -> None:
    near, far = (40, 100, 120, 260), (560, 100, 580, 140)

    assert boxes(far, near, most=1) == boxes(near)


def test_a_row_of_people_is_cut_into_overlapping_parts() -> None:
    matte = np.zeros((128, 1024), np.float32)
    matte[20:, 10:1000] = 1

    found = sorted(boxes_of_people(matte, (2048, 256), RULE, 9))

    assert [(top, bottom) for _, top, _, bottom in found] == [(0, 256)] * 4
    assert found[0][0] == 0
    assert found[-1][2] == 2048
    for one, following in pairwise(found):
        assert one[2] - following[0] in (157, 158)


def test_parts_cover_the_length_and_overlap_by_a_quarter() -> None:
    assert overlapping(700, 1) == [(0, 700)]
    assert overlapping(700, 2) == [(0, 400), (300, 700)]
    assert overlapping(1000, 3) == [(0, 400), (300, 700), (600, 1000)]


def test_gain_is_the_ratio_of_scales() -> None:
    assert gain((0, 0, *PHOTO), (0, 0, *PHOTO), RULE) == 1
    assert gain((0, 0, 1600, 1040), (0, 0, *PHOTO), RULE) == 2


def test_space_is_a_share_of_the_longer_side() -> None:
    assert widened((400, 300, 500, 500), (2000, 2000)) == (330, 230, 570, 570)
