"""Errors of mattes: cases computed by hand, and comparisons with slow code written from the definitions."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from pspm.evaluation.metrics import (
    conn,
    evaluation_trimap,
    evaluation_unknown_region,
    grad,
    iou,
    mad,
    mse,
    sad,
    trimap_iou,
)

TRUTH = np.zeros((100, 100), np.float32)
TRUTH[:, 50:] = 1
TRUTH[:, 49] = 0.5
EVERYWHERE = np.ones(TRUTH.shape, bool)


def blobs(seed: int, shape: tuple[int, int] = (28, 36)) -> np.ndarray:
    """A smooth random matte with flat and soft parts, in multiples of 1/255."""
    noise = cv2.GaussianBlur(np.random.default_rng(seed).random(shape), (0, 0), 2.5)
    matte = np.clip((noise - noise.mean()) / noise.std() * 0.5 + 0.5, 0, 1)
    return np.round(matte * 255).astype(np.float32) / 255


def test_the_truth_has_no_error() -> None:
    assert (sad(TRUTH, TRUTH, EVERYWHERE), mse(TRUTH, TRUTH, EVERYWHERE), mad(TRUTH, TRUTH)) == (0, 0, 0)
    assert (grad(TRUTH, TRUTH, EVERYWHERE), conn(TRUTH, TRUTH, EVERYWHERE)) == (0, 0)
    assert iou(TRUTH, TRUTH) == 1
    assert trimap_iou(evaluation_trimap(TRUTH), evaluation_trimap(TRUTH)) == 1


def test_a_constant_offset() -> None:
    off = TRUTH + 0.1
    assert sad(off, TRUTH, EVERYWHERE) == pytest.approx(1, rel=1e-4)
    assert mse(off, TRUTH, EVERYWHERE) == pytest.approx(0.01, rel=1e-4)
    assert mad(off, TRUTH) == pytest.approx(0.1, rel=1e-4)
    assert grad(off, TRUTH, EVERYWHERE) == pytest.approx(0, abs=1e-9)


def test_the_unknown_region_reaches_ten_pixels_around_soft_ones() -> None:
    columns = np.flatnonzero(evaluation_unknown_region(TRUTH)[50])
    assert (columns[0], columns[-1]) == (39, 59)


def test_the_true_trimap_has_its_classes_in_the_networks_order() -> None:
    assert evaluation_trimap(TRUTH)[50, [0, 49, 99]].tolist() == [0, 1, 2]


@pytest.mark.parametrize("error", [sad, grad, conn])
def test_errors_outside_a_region_do_not_count(error: Callable[..., float]) -> None:
    wrong = TRUTH.copy()
    wrong[40:60, 5:15] = 1
    assert error(wrong, TRUTH, evaluation_unknown_region(TRUTH)) == 0
    assert error(wrong, TRUTH, EVERYWHERE) > 0


def test_predictions_are_not_rescaled() -> None:
    assert mad(TRUTH / 2, TRUTH) == pytest.approx(float(TRUTH.mean()) / 2)
    assert grad(TRUTH / 2, TRUTH, EVERYWHERE) > 0


def test_iou_of_shifted_and_of_empty_masks() -> None:
    assert iou(np.roll(TRUTH, 10, axis=1)[:, 10:], TRUTH[:, 10:]) == pytest.approx(40 / 50)
    empty = np.zeros((5, 5), np.float32)
    assert iou(empty, empty) == 1
    assert iou(empty, np.ones((5, 5), np.float32)) == 0


def test_trimap_iou_is_the_mean_over_the_classes_that_occur() -> None:
    found, truth = np.array([[0, 0, 1, 1]]), np.array([[0, 1, 1, 1]])
    assert trimap_iou(found, truth) == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert trimap_iou(found, np.array([[1, 2, 1, 1]])) == pytest.approx((0 + 2 / 3 + 0) / 3)


def slow_gradient_error(alpha: np.ndarray, truth: np.ndarray, region: np.ndarray) -> float:
    """As in the reference: plain convolution with a 9x9 kernel, a Gaussian times its derivative, of L2 norm 1."""
    sigma = 1.4

    def gaussian(t: float) -> float:
        return float(np.exp(-(t**2) / (2 * sigma**2)) / (sigma * np.sqrt(2 * np.pi)))

    kernel = np.array([[gaussian(i) * -j * gaussian(j) / sigma**2 for j in range(-4, 5)] for i in range(-4, 5)])
    kernel /= np.sqrt((np.abs(kernel) ** 2).sum())

    def magnitude(x: np.ndarray) -> np.ndarray:
        padded = np.pad(x.astype(np.float64), 4, mode="edge")
        result = np.zeros(x.shape)
        for row, column in np.ndindex(x.shape):
            patch = padded[row : row + 9, column : column + 9][::-1, ::-1]
            result[row, column] = np.sqrt((patch * kernel).sum() ** 2 + (patch * kernel.T).sum() ** 2)
        return result

    return float(((magnitude(alpha) - magnitude(truth)) ** 2)[region].sum() / 1000)


def largest_part(mask: np.ndarray) -> set[tuple[int, int]]:
    """Find the largest 4-connected part by flood fill, the first of equal ones."""
    left = {(int(r), int(c)) for r, c in np.argwhere(mask)}
    best: set[tuple[int, int]] = set()
    while left:
        start = min(left)
        part, edge = {start}, [start]
        while edge:
            r, c = edge.pop()
            near = {(r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)} & left - part
            part |= near
            edge += near
        left -= part
        best = max(best, part, key=len)
    return best


def slow_connectivity_error(alpha: np.ndarray, truth: np.ndarray, region: np.ndarray) -> float:
    """Pixel by pixel: the level up to which it belongs to the largest shared part, and the excess above it."""
    parts = [largest_part((alpha >= np.float32(k / 10)) & (truth >= np.float32(k / 10))) for k in range(1, 11)]
    total = 0.0
    for at in ((int(r), int(c)) for r, c in np.argwhere(region)):
        level = np.float32(next((k / 10 for k, part in enumerate(parts) if at not in part), 1.0))
        phi = [1 - float(x[at] - level) * bool(x[at] - level >= np.float32(0.15)) for x in (alpha, truth)]
        total += abs(phi[0] - phi[1])
    return total / 1000


@pytest.mark.parametrize("seed", range(4))
def test_grad_is_the_reference(seed: int) -> None:
    alpha, truth = blobs(seed), blobs(seed + 10)
    region = evaluation_unknown_region(truth, 1)
    assert grad(alpha, truth, region) == pytest.approx(slow_gradient_error(alpha, truth, region), rel=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_conn_is_the_reference(seed: int) -> None:
    alpha, truth = blobs(seed), blobs(seed + 10)
    region = evaluation_unknown_region(truth, 1)
    expected = slow_connectivity_error(alpha, truth, region)
    assert expected > 0
    assert conn(alpha, truth, region) == pytest.approx(expected, rel=1e-5)


def test_all_alpha_of_an_island_is_unconnected() -> None:
    wrong = TRUTH.copy()
    wrong[10:14, 10:15] = 0.5
    assert conn(wrong, TRUTH, EVERYWHERE) == pytest.approx(20 * 0.5 / 1000)
    wrong[10:14, 10:15] = 0.125
    assert conn(wrong, TRUTH, EVERYWHERE) == 0


def test_parts_that_touch_at_a_corner_are_two() -> None:
    truth = np.zeros((8, 8), np.float32)
    truth[:5, :5] = truth[5:, 5:] = 1
    alpha = truth.copy()
    alpha[5:, 5:] = 0
    # The smaller part is not connected in the truth, and is missing in the matte.
    assert conn(alpha, truth, np.ones(truth.shape, bool)) == pytest.approx(9 / 1000)


def test_a_ramp_has_the_same_gradient_everywhere() -> None:
    rising = np.tile(np.linspace(0, 1, 101, dtype=np.float32), (21, 1))
    inside = np.zeros(rising.shape, bool)
    inside[10, 50] = True
    at = np.arange(-4, 5)
    weights = np.outer(np.exp(-(at**2) / 3.92), at * np.exp(-(at**2) / 3.92))
    slope = (weights * at).sum() / np.linalg.norm(weights) / 100
    assert grad(rising, np.zeros_like(rising), inside) == pytest.approx(slope**2 / 1000, rel=1e-4)
