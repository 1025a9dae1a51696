"""Compare the weights in a file with the network's. A single wrong one can change the matte less than int8 rounding."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from torch import nn

from pspm.bn_folding import fold_norms

# How far rounding moves a weight, as a share of the largest one in its output channel: half a step of a float with 10
# bits; half of 127 steps, with a scale that may itself be such a float; ONNX's int8 has only 64 steps. A weight of a
# palette is close to the nearest value.
ROUNDING = {
    "fp32": 1e-6,
    "fp16-weights": 5e-4,
    "fp16": 5e-4,
    "int8": 0.6 / 64,
    "dynamic-int8": 0.6 / 127,
    "palette6": 1e-3,
}
# A converter may merge a layer with the next one, and then all its weights differ; if fewer differ, they are wrong.
MERGED = 0.5
FAINT = 0.01
# 127 steps, each stored as a 16-bit float and off by half of the smallest one.
SMALLEST = 127 * 2**-25
# Clustering moves the values of a palette once more after it has assigned the weights.
SETTLING = 1.5


class WeightMatch(NamedTuple):
    """equal: how many convolutions of a file have the weights of one of the network. total: how many were compared.

    failure: in words, if only some weights of a convolution differ.
    """

    equal: int
    total: int
    failure: str | None


def match_weights(network: nn.Module, stored: Iterable[np.ndarray], precision: str) -> WeightMatch:
    """Find the weights of a file's convolutions, (O, I / groups, h, w) each, among those of a network in eval mode."""
    ours: dict[tuple[int, ...], list[tuple[str, np.ndarray]]] = defaultdict(list)
    for name, weight in _weights(fold_norms(network)):
        ours[weight.shape].append((name, weight))
    equal, total, failure = 0, 0, None
    for weight in stored:
        alike = [(_wrong(weight, mine, precision), name) for name, mine in ours[weight.shape]]
        if not alike:
            continue
        wrong, name = min(alike)
        if 0 < wrong < MERGED * weight.size:
            failure = f"{wrong} of the {weight.size} weights of its {name} differ from the network's"
        equal, total = equal + (wrong == 0), total + 1
    return WeightMatch(equal, total, failure)


def _weights(network: nn.Module) -> Iterator[tuple[str, np.ndarray]]:
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            weight = module.weight.detach().numpy()
            yield name, weight.reshape(*weight.shape, *[1] * (4 - weight.ndim))


def _wrong(stored: np.ndarray, mine: np.ndarray, precision: str) -> int:
    """Count the weights that differ from ours by more than rounding explains."""
    largest = np.abs(mine).max((1, 2, 3), keepdims=True).clip(FAINT * np.abs(mine).max())
    allowed = ROUNDING[precision] * largest + SMALLEST
    if precision == "palette6":
        allowed = allowed + SETTLING * _distance_to_nearest(np.unique(stored), mine)
    return int((np.abs(stored - mine) > allowed).sum())


def _distance_to_nearest(palette: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The distance of each weight from the nearest of the sorted values."""
    above = np.searchsorted(palette, weights).clip(1, max(1, len(palette) - 1))
    between = np.abs(weights - palette[above - 1]), np.abs(weights - palette[above % len(palette)])
    return np.minimum(*between)
