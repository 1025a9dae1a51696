"""The mean of the weights of several runs: it can be better than any of them, and is no slower.

Runs that start from the same weights stay close enough to each other for that. Their normalisations cannot be
averaged, each has statistics of its own; folded into the convolutions before them they can.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from pspm_runtime.bundle import open_bundle
from torch import Tensor

from pspm.bn_folding import fold_norms, read_folded_onnx, unfold
from pspm.checkpoint import PREFIX, is_shipped, load_network, trained_network
from pspm.networks import build


def average(sources: Sequence[Path | str], *, halves: bool = False) -> dict[str, Any]:
    """A checkpoint, for `pspm export` and `--start-from`, of the mean of checkpoints and shipped networks.

    halves: round every weight, normalisation folded in, to half precision: a file that stores halves then computes
    what one that does not computes. Raises ValueError where the sources are not of one network, cannot be read, or
    hold a weight that is too large for a half.
    """
    names = [network_of(source) for source in sources]
    if len(set(names)) > 1:
        told = ", ".join(f"{source} is of {name}" for source, name in zip(sources, names, strict=True))
        raise ValueError(f"weights of different networks have no mean ({told}); name runs of one network")
    each = [folded_weights(source) for source in sources]
    mean = {key: torch.stack([weights[key].float() for weights in each]).mean(0) for key in each[0]}
    if halves:
        mean = {key: weight.half().float() for key, weight in mean.items()}
        beyond = [key for key, weight in mean.items() if not weight.isfinite().all()]
        if beyond:
            raise ValueError(f"{beyond[0]} is too large for half precision; leave out --halves, or train on")
    weights = unfold(build(names[0]), mean)
    return {
        "hyper_parameters": {"network": names[0]},
        "state_dict": {PREFIX + key: weight for key, weight in weights.items()},
    }


def network_of(source: Path | str) -> str:
    """The name of the network whose weights a checkpoint holds, or of a shipped one."""
    return str(source) if is_shipped(source) else trained_network(Path(source))


def folded_weights(source: Path | str) -> dict[str, Tensor]:
    """Its weights, the normalisations folded into the convolutions before them."""
    if is_shipped(source):
        return read_folded_onnx(open_bundle(str(source)).model)
    return dict(fold_norms(load_network(None, Path(source))).state_dict())
