"""Errors of mattes, on cases that can be added up by hand."""

import numpy as np
import pytest

from pspm.evaluation.metrics import iou, mad, mse, sad, unknown_region

TRUTH = np.zeros((100, 100), np.float32)
TRUTH[:, 50:] = 1
TRUTH[:, 49] = 0.5
EVERYWHERE = np.ones(TRUTH.shape, bool)


def test_the_truth_has_no_error() -> None:
    assert (sad(TRUTH, TRUTH, EVERYWHERE), mse(TRUTH, TRUTH, EVERYWHERE), mad(TRUTH, TRUTH)) == (0, 0, 0)
    assert iou(TRUTH, TRUTH) == 1


def test_a_constant_offset() -> None:
    off = TRUTH + 0.1
    assert sad(off, TRUTH, EVERYWHERE) == pytest.approx(1, rel=1e-4)
    assert mse(off, TRUTH, EVERYWHERE) == pytest.approx(0.01, rel=1e-4)
    assert mad(off, TRUTH) == pytest.approx(0.1, rel=1e-4)


def test_the_unknown_region_reaches_ten_pixels_around_soft_ones() -> None:
    columns = np.flatnonzero(unknown_region(TRUTH)[50])
    assert (columns[0], columns[-1]) == (39, 59)


def test_errors_outside_a_region_do_not_count() -> None:
    region = unknown_region(TRUTH)
    wrong = np.where(region, TRUTH, 1 - TRUTH)
    assert sad(wrong, TRUTH, region) == 0
    assert sad(wrong, TRUTH, EVERYWHERE) > 0


def test_predictions_are_not_rescaled() -> None:
    assert mad(TRUTH / 2, TRUTH) == pytest.approx(float(TRUTH.mean()) / 2)


def test_iou_of_shifted_and_of_empty_masks() -> None:
    assert iou(np.roll(TRUTH, 10, axis=1)[:, 10:], TRUTH[:, 10:]) == pytest.approx(40 / 50)
    empty = np.zeros((5, 5), np.float32)
    assert iou(empty, empty) == 1
    assert iou(empty, np.ones((5, 5), np.float32)) == 0
