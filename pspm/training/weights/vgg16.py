"""torchvision's VGG-16, with or without batch norms, by the names that its weights have in stages of layers."""

import re

import torch
from torch import Tensor

State = dict[str, Tensor]

# Convolutions in the stages.
STAGES = (2, 2, 3, 3, 3)


def vgg16(state: State) -> State:
    """The convolutions of VGG-16 and their batch norms: `STAGE.LAYER.0.weight`, `STAGE.LAYER.1.running_mean`.

    Without batch norms in the file, those of the encoder change nothing. Raises ValueError or KeyError for another
    network's weights.
    """
    weights = [key for key, value in state.items() if re.fullmatch(r"features\.\d+\.weight", key) and value.ndim == 4]
    layers = sorted(int(key.split(".")[1]) for key in weights)
    places = [f"{stage}.{i}" for stage, count in enumerate(STAGES) for i in range(count)]
    if len(layers) != len(places):
        raise ValueError(f"it has {len(layers)} convolutions of a VGG, not {len(places)}")
    named: State = {}
    for layer, place in zip(layers, places, strict=True):
        named |= {f"{place}.0.{part}": state[f"features.{layer}.{part}"] for part in ("weight", "bias")}
        channels = len(state[f"features.{layer}.weight"])
        normed = f"features.{layer + 1}.running_var" in state
        for part, neutral in (("weight", 1.0), ("bias", 0.0), ("running_mean", 0.0), ("running_var", 1.0)):
            kept = state[f"features.{layer + 1}.{part}"] if normed else torch.full((channels,), neutral)
            named[f"{place}.1.{part}"] = kept
    return named
