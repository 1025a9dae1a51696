"""Mean intersection over union and pixel accuracy, over all pixels of a test set."""

import torch
from torch import Tensor


def confusion(found: Tensor, truth: Tensor, classes: int) -> Tensor:
    """How many pixels of each true class (row) were found to be each class (column), (classes, classes).

    found, truth: labels of any shape. True labels that are not classes are ignored.
    """
    counted = (truth >= 0) & (truth < classes)
    return torch.bincount(truth[counted] * classes + found[counted], minlength=classes**2).reshape(classes, classes)


def mean_iou(matrix: Tensor) -> float:
    """The mean over the classes that are in the truth or were found, in percent, as the papers print it."""
    both = matrix.diagonal().double()
    union = matrix.sum(0) + matrix.sum(1) - both
    return float(100 * (both / union)[union > 0].mean())


def pixel_accuracy(matrix: Tensor) -> float:
    """The share of pixels whose class was found, in percent."""
    return float(100 * matrix.diagonal().sum() / matrix.sum())
