"""The metrics against values computed by hand."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from pspm.tasks.denoising.task import errors
from pspm.tasks.depth.losses import depth_loss
from pspm.tasks.depth.metrics import depth_errors
from pspm.tasks.detection.layout import Objects
from pspm.tasks.detection.metrics import Found, average_precisions
from pspm.tasks.segmentation.layouts import IGNORED
from pspm.tasks.segmentation.metrics import confusion, mean_iou, pixel_accuracy
from pspm.tasks.segmentation.outputs import masks_of, scores


def test_psnr_of_a_known_error() -> None:
    truth = torch.full((1, 1, 16, 16), 0.5)
    found = errors(truth + 0.1, truth)
    assert found["PSNR"] == pytest.approx(20, abs=1e-3)
    # Of constants, SSIM is its comparison of luminances, with c1 = 0.01^2.
    assert found["SSIM"] == pytest.approx((2 * 0.5 * 0.6 + 1e-4) / (0.25 + 0.36 + 1e-4), abs=5e-4)
    assert errors(truth, truth) == {"PSNR": pytest.approx(100), "SSIM": pytest.approx(1)}


def test_iou_counts_only_classes_that_are_there() -> None:
    truth = torch.tensor([0, 0, 0, 1, 1, 255])
    found = torch.tensor([0, 0, 1, 1, 1, 2])
    matrix = confusion(found, truth, 4)
    assert matrix.sum() == 5
    assert mean_iou(matrix) == pytest.approx(100 * (2 / 3 + 2 / 3) / 2)
    assert pixel_accuracy(matrix) == pytest.approx(80)


def test_depth_errors_of_two_pixels() -> None:
    found = depth_errors(torch.tensor([2.0, 4.0]), torch.tensor([2.0, 2.8]))
    # The second ratio is 1.4286, between 1.25 and 1.5625.
    assert (found["delta1"], found["delta2"], found["delta3"]) == (0.5, 1.0, 1.0)
    assert found["rel"] == pytest.approx(1.2 / 2.8 / 2)
    assert found["Sq Rel"] == pytest.approx(1.44 / 2.8 / 2)
    assert found["RMS"] == pytest.approx(math.sqrt(1.44 / 2))
    assert found["RMS log"] == pytest.approx(math.log(4 / 2.8) / math.sqrt(2))
    assert found["log10"] == pytest.approx(math.log10(4 / 2.8) / 2)


@pytest.mark.parametrize("name", ["l1", "silog", "hu"])
def test_depth_losses_ignore_unknown_pixels_and_are_least_at_the_truth(name: str) -> None:
    truth = torch.rand(2, 1, 8, 8) + 1
    truth[0, 0, 3, 3] = 0
    wrong = truth.clone()
    wrong[0, 0, 3, 3] = 50
    if name != "hu":  # whose slopes reach over pixels
        assert depth_loss(name, wrong, truth) == depth_loss(name, truth, truth)
    assert depth_loss(name, truth * 1.1 + 0.1, truth) > depth_loss(name, truth, truth)


def test_silog_of_one_common_factor() -> None:
    truth = torch.rand(1, 1, 4, 4) + 1
    # Of an error that is the same everywhere, 1 - 0.85 of its square is left.
    assert depth_loss("silog", 2 * truth, truth) == pytest.approx(10 * math.log(2) * math.sqrt(0.15), rel=1e-4)


def test_average_precision_of_one_hit_and_one_miss() -> None:
    boxes = np.array([[0, 0, 40, 40], [50, 50, 90, 90]], np.float32)
    truth = Objects(boxes, np.array([1, 1]), np.zeros(2, bool), np.array([1600.0, 1600.0]))
    # The first box overlaps by 0.8; the second is elsewhere. Half of the objects are found at 0.5 to 0.8.
    found = Found(np.array([[0, 0, 40, 32], [100, 0, 140, 40]], np.float32), np.array([1, 1]), np.array([0.9, 0.8]))
    result = average_precisions([found], [truth])
    half = 100 * 51 / 101
    assert result["AP50"] == pytest.approx(half, abs=1e-3)
    assert result["AP75"] == pytest.approx(half, abs=1e-3)
    assert result["AP"] == pytest.approx(half * 7 / 10, abs=1e-3)
    assert result["APM"] == pytest.approx(half * 7 / 10, abs=1e-3)
    assert "APL" not in result
    nothing = Found(np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.zeros(0))
    assert average_precisions([nothing], [truth])["AP"] == 0


def test_masks_with_classes_become_labels_and_back() -> None:
    label = torch.tensor([[3, 3, 0], [IGNORED, 0, 0]])
    masks, classes = masks_of(label)
    assert classes.tolist() == [0, 3]
    assert masks.sum((1, 2)).tolist() == [3, 2]
    assert masks_of(torch.full((2, 2), IGNORED)).masks.shape == (0, 2, 2)
    # Two queries, each sure of its class and of its mask; a third of no class.
    output = SimpleNamespace(
        class_queries_logits=torch.tensor([[[9.0, -9, -9], [-9, 9, -9], [-9, -9, 9]]]),
        masks_queries_logits=torch.tensor([[[[9.0, -9]], [[-9, 9]], [[9, 9]]]]),
    )
    found = scores(output, torch.Size([1, 2]))
    assert found.argmax(1).tolist() == [[[0, 1]]]
    assert found[0, :, 0, 0].tolist() == pytest.approx([1, 0], abs=1e-3)
    logits = torch.rand(1, 2, 4, 4)
    assert torch.equal(scores(logits, torch.Size([4, 4])), logits)
    assert scores(SimpleNamespace(logits=logits), torch.Size([8, 8])).shape == (1, 2, 8, 8)
