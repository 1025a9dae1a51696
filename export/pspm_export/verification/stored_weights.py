"""The weights that a file stores, held against the network's: a wrong one may move the matte less than 8 bits do."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from torch import nn

from pspm.bn_folding import fold_norms

# How far rounding takes a weight, as a share of the largest of its output channel: half a step of a float with 10 bits,
# half a step of 127 with a scale that may itself be such a float. ONNX's int8 has but 64 steps. In a palette a weight
# is near the nearest value.
ROUNDING = {
    "fp32": 1e-6,
    "fp16-weights": 5e-4,
    "fp16": 5e-4,
    "int8": 0.6 / 64,
    "dynamic-int8": 0.6 / 127,
    "palette6": 1e-3,
}
# A converter may merge a weight with what follows it, and then all differ; where fewer do, they are wrong.
MERGED = 0.5
FAINT = 0.01
# 127 steps, each stored as a float of 16 bits and off by half of the smallest of those.
SMALLEST = 127 * 2**-25
# Clustering moves a palette's values once more after it has dealt out the weights.
SETTLING = 1.5


class Recognised(NamedTuple):
    """known: how many of a file's convolutions have the weights of one of the network. of: of how many.

    failure: in words, where some weights of a convolution are the network's and some are not.
    """

    known: int
    of: int
    failure: str | None


def recognise(network: nn.Module, stored: Iterable[np.ndarray], precision: str) -> Recognised:
    """Find the weights of a file's convolutions, (O, I / groups, h, w) each, among those of a network in eval mode."""
    ours: dict[tuple[int, ...], list[tuple[str, np.ndarray]]] = defaultdict(list)
    for name, weight in _weights(fold_norms(network)):
        ours[weight.shape].append((name, weight))
    known, of, failure = 0, 0, None
    for weight in stored:
        alike = [(_wrong(weight, mine, precision), name) for name, mine in ours[weight.shape]]
        if not alike:
            continue
        wrong, name = min(alike)
        if 0 < wrong < MERGED * weight.size:
            failure = f"{wrong} of the {weight.size} weights of its {name} are not the network's"
        known, of = known + (wrong == 0), of + 1
    return Recognised(known, of, failure)


def _weights(network: nn.Module) -> Iterator[tuple[str, np.ndarray]]:
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            weight = module.weight.detach().numpy()
            yield name, weight.reshape(*weight.shape, *[1] * (4 - weight.ndim))


def _wrong(stored: np.ndarray, mine: np.ndarray, precision: str) -> int:
    """How many weights are further from ours than rounding takes them."""
    largest = np.abs(mine).max((1, 2, 3), keepdims=True).clip(FAINT * np.abs(mine).max())
    allowed = ROUNDING[precision] * largest + SMALLEST
    if precision == "palette6":
        allowed = allowed + SETTLING * _to_the_nearest(np.unique(stored), mine)
    return int((np.abs(stored - mine) > allowed).sum())


def _to_the_nearest(palette: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """How far each weight is from the nearest of sorted values."""
    above = np.searchsorted(palette, weights).clip(1, max(1, len(palette) - 1))
    between = np.abs(weights - palette[above - 1]), np.abs(weights - palette[above % len(palette)])
    return np.minimum(*between)
