"""Parity: how close the matte of a saved file is to torch's."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import torch
from pspm_runtime.engines.engine import Engine

from pspm.networks import MattingNetwork
from pspm_export.plan.calibration import network_image
from pspm_export.verification.sample_inputs import ring_trimap

FAR = 0.01


class Bound(NamedTuple):
    """The largest errors and the smallest IoU that a precision may have, see `Parity`."""

    mean_error: float
    far_share: float
    iou: float


# What rounding changes in the mattes of trained networks, with room for other networks; a mistake changes far more.
# Even in fp32 the order of additions decides some near-ties of a pooling: 2e-5 of b5's mean.
BOUNDS = {
    "fp32": Bound(1e-4, 1e-3, 0.999),
    "fp16-weights": Bound(1e-3, 1e-2, 0.998),
    "fp16": Bound(2e-3, 2e-2, 0.995),
    "int8": Bound(2e-2, 3e-1, 0.97),
    "dynamic-int8": Bound(2e-2, 2e-1, 0.97),
    "palette6": Bound(2e-2, 2e-1, 0.97),
}


class Parity(NamedTuple):
    """The difference of two mattes of one input.

    mean_error: the mean absolute difference. far_share: the share of pixels that differ by more than `FAR`.
    iou: of the masks at 0.5; 1 if both are empty.

    The largest error is left out on purpose. If two pixels of a pooling cell are nearly equal, rounding decides which
    one is the maximum, and single pixels may then differ by any amount.
    """

    mean_error: float
    far_share: float
    iou: float

    def holds(self, precision: str) -> bool:
        """Whether the difference is within the bounds of a precision."""
        bound = BOUNDS[precision]
        within = self.mean_error <= bound.mean_error and self.far_share <= bound.far_share
        return within and self.iou >= bound.iou


def parity(expected: np.ndarray, found: np.ndarray) -> Parity:
    """The parity of two mattes of the same shape in [0, 1]."""
    difference = np.abs(expected - found)
    masks = expected > 0.5, found > 0.5
    union = np.logical_or(*masks).sum()
    iou = np.logical_and(*masks).sum() / union if union else 1
    return Parity(float(difference.mean()), float((difference > FAR).mean()), float(iou))


def compare(network: MattingNetwork, engine: Engine, views: Iterable[np.ndarray]) -> list[Parity]:
    """Compare a file with its network on each view, RGB (h, w, 3) uint8; a network that takes a trimap gets a ring.

    network: in eval mode. engine: runs the file.
    """
    results = []
    for view in views:
        trimap = ring_trimap(*view.shape[:2]) if network.takes_trimap else None
        results.append(parity(torch_alpha(network, view, trimap), engine.alpha(view, trimap)))
    return results


def torch_alpha(network: MattingNetwork, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
    """The matte of a network in torch, (h, w) float32, for the inputs of `Engine.alpha`."""
    given = None if trimap is None else torch.from_numpy(trimap)[None, None]
    with torch.no_grad():
        return network(network.given(network_image(view), given)).alpha[0, 0].numpy()
