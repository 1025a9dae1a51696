"""Average the weights of several runs ("model soup"): the mean can be better than each run, at the same latency.

The runs have to start from the same weights, so that they stay close together. Batch norms cannot be averaged, because
their statistics differ between runs, so they are folded into the preceding convolutions first.
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
    """Average checkpoints and shipped networks into a checkpoint, for `pspm export` and `--start-from`.

    halves: round every folded weight to half precision, so that files in half and in single precision give the same
    results. Raises ValueError if the sources are of different networks or cannot be read, or if a weight is too large
    for half precision.
    """
    names = [network_of(source) for source in sources]
    if len(set(names)) > 1:
        found = ", ".join(f"{source} is of {name}" for source, name in zip(sources, names, strict=True))
        raise ValueError(f"cannot average weights of different networks ({found}); name runs of one network")
    each = [folded_weights(source) for source in sources]
    mean = {key: torch.stack([weights[key].float() for weights in each]).mean(0) for key in each[0]}
    if halves:
        mean = {key: weight.half().float() for key, weight in mean.items()}
        overflowed = [key for key, weight in mean.items() if not weight.isfinite().all()]
        if overflowed:
            raise ValueError(f"{overflowed[0]} is too large for half precision; leave out --halves, or train longer")
    weights = unfold(build(names[0]), mean)
    return {
        "hyper_parameters": {"network": names[0]},
        "state_dict": {PREFIX + key: weight for key, weight in weights.items()},
    }


def network_of(source: Path | str) -> str:
    """Name of the network of a checkpoint or shipped model."""
    return str(source) if is_shipped(source) else trained_network(Path(source))


def folded_weights(source: Path | str) -> dict[str, Tensor]:
    """Read weights with the batch norms folded into the preceding convolutions."""
    if is_shipped(source):
        return read_folded_onnx(open_bundle(str(source)).model)
    return dict(fold_norms(load_network(None, Path(source))).state_dict())
