"""Trimaps inside networks: their classes, logits and prior M, and how a trimap joins the image."""

from typing import NamedTuple

import torch
from torch import Tensor

# The order of the channels of trimap logits, and of class indices.
TRIMAP_CLASSES = ("background", "unknown", "foreground")
# Logit of a given trimap's class minus that of its neighbour: a softmax of more than 0.9999.
CERTAINTY = 10.0


class Segmentation(NamedTuple):
    """Trimap logits of a SegDecoder.

    quarter: at 1/4 of the image's resolution, (N, 3, H/4, W/4); full: upsampled to the image's, (N, 3, H, W).
    """

    quarter: Tensor
    full: Tensor


def append_trimap(image: Tensor, trimap: Tensor | None = None) -> Tensor:
    """The image, (N, 3, H, W), with the trimap behind it as a fourth channel: (N, 4, H, W).

    trimap: (N, 1, H, W), -1 background, 0 unknown, 1 foreground; None means unknown everywhere.
    """
    return torch.cat([image, torch.zeros_like(image[:, :1]) if trimap is None else trimap], 1)


def trimap_prior(logits: Tensor) -> Tensor:
    """The prior M = F + U/2 (eq. 6.1) of trimap logits, (N, 3, H, W) -> (N, 1, H, W) in [0, 1]."""
    _, unknown, foreground = logits.softmax(1).split(1, 1)
    return foreground + unknown / 2


def given_logits(trimap: Tensor) -> Tensor:
    """Logits of a given trimap of -1 (background), 0 (unknown), 1 (foreground): (N, 1, H, W) -> (N, 3, H, W)."""
    classes = trimap.new_tensor([-1, 0, 1])[:, None, None]
    return -CERTAINTY * (trimap - classes).square()
