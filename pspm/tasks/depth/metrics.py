"""Errors of depth: thesis sec. 3.6.4 and SAPA table 4."""

import torch
from torch import Tensor

THRESHOLD = 1.25


def depth_errors(found: Tensor, truth: Tensor) -> dict[str, float]:
    """The errors of the depths of one picture.

    found, truth: in metres, of any one shape, all above 0. rel, Sq Rel: relative to the truth. RMS log: natural.
    delta<k>: share of pixels whose ratio, or its inverse, is under 1.25^k.
    """
    ratio = torch.maximum(found / truth, truth / found)
    error = found - truth
    return {
        "delta1": float((ratio < THRESHOLD).float().mean()),
        "delta2": float((ratio < THRESHOLD**2).float().mean()),
        "delta3": float((ratio < THRESHOLD**3).float().mean()),
        "rel": float((error.abs() / truth).mean()),
        "Sq Rel": float((error.square() / truth).mean()),
        "RMS": float(error.square().mean().sqrt()),
        "RMS log": float((found.log() - truth.log()).square().mean().sqrt()),
        "log10": float((found.log10() - truth.log10()).abs().mean()),
    }
