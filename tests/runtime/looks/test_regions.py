import numpy as np
from pspm_runtime.looks.regions import regions


def mask_of(*boxes: tuple[int, int, int, int], size: tuple[int, int] = (64, 48)) -> np.ndarray:
    mask = np.zeros(size[::-1], bool)
    for left, top, right, bottom in boxes:
        mask[top:bottom, left:right] = True
    return mask


def test_empty_mask_has_no_regions() -> None:
    assert regions(mask_of()) == []


def test_boxes_fit_the_cells_around_each_region() -> None:
    mask = mask_of((4, 8, 12, 20), (40, 9, 47, 11))

    assert regions(mask) == [((4, 8, 12, 20), 96), ((40, 8, 48, 12), 14)]


def test_boxes_end_with_the_mask() -> None:
    assert regions(mask_of((61, 40, 63, 47), size=(63, 47))) == [((60, 40, 63, 47), 14)]


def test_cells_that_touch_at_a_corner_are_one_region() -> None:
    assert regions(mask_of((0, 0, 4, 4), (4, 4, 8, 8))) == [((0, 0, 8, 8), 32)]


def test_arms_that_meet_further_down_are_one_region() -> None:
    mask = mask_of((0, 0, 4, 24), (20, 4, 24, 24), (40, 0, 44, 24), (0, 24, 44, 28))

    assert regions(mask) == [((0, 0, 44, 28), 96 + 80 + 96 + 176)]


def test_a_ring_is_one_region() -> None:
    mask = mask_of((8, 8, 32, 32))
    mask[12:28, 12:28] = False

    assert regions(mask) == [((8, 8, 32, 32), 24 * 24 - 16 * 16)]


def test_a_region_around_another_one_leaves_it_apart() -> None:
    mask = mask_of((0, 0, 40, 4), (0, 0, 4, 40), (36, 0, 40, 40), (16, 16, 24, 24))

    assert [box for box, _ in regions(mask)] == [(0, 0, 40, 40), (16, 16, 24, 24)]
