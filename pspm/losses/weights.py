"""Weights of the loss terms, and what defines the unknown region of a loss. Without torch, for recipes."""

from typing import Literal, NamedTuple

# Where the unknown region of the losses comes from: the true alpha, or the SegDecoder.
Region = Literal["true", "predicted"]

# An alpha is soft if it differs from 0 and from 1 by more than this. The thesis's recipes use 0 (sec. 6.5.2).
TOLERANCE = 0.02


class Weights(NamedTuple):
    """Factors of the terms of `pspm.losses.matting.matting_loss`, and of `pspm.losses.temporal`.

    run.json lists them in this order, so new ones come last.
    """

    unknown: float = 0
    image: float = 0
    gradient: float = 0
    affinity: float = 0
    segmentation: float = 0
    laplacian: float = 0
    penalised_gradient: float = 0
    composition: float = 0
    region_gradient: float = 0
    plain_gradient: float = 0
    temporal: float = 0
