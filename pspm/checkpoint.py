"""Trained weights from a checkpoint."""

import pickle
import struct
from pathlib import Path

import torch
from pspm_runtime.bundle import shipped
from torch import Tensor

from pspm.networks import MattingNetwork, build

PREFIX = "network."
# What reading a file as a pickle raises that is none; torch's words on it advise to read it without care.
NO_PICKLE = (pickle.UnpicklingError, struct.error, LookupError, TypeError, ValueError)


def is_shipped(source: Path | str) -> bool:
    """Whether a source of weights is a shipped network's name; a file of that name goes first."""
    return str(source) in shipped() and not Path(source).exists()


def load_network(name: str | None, checkpoint: Path) -> MattingNetwork:
    """The network in eval mode with the averaged weights of a checkpoint; its own name where none is given.

    Raises ValueError for an unknown name and for a file that is missing or no checkpoint of that network.
    """
    name = name or trained_network(checkpoint)
    network = build(name)
    try:
        network.load_state_dict(read_weights(checkpoint))
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"{checkpoint} is not a checkpoint of {name} ({reason}); train one, or name its network"
        ) from None
    return network.eval()


def trained_network(checkpoint: Path) -> str:
    """The name of the network that was trained. Raises ValueError for a file that is no checkpoint."""
    return _read(checkpoint)[0]


def read_weights(checkpoint: Path) -> dict[str, Tensor]:
    """The network's averaged weights. Raises ValueError for a file that is no checkpoint."""
    return _read(checkpoint)[1]


def _read(checkpoint: Path) -> tuple[str, dict[str, Tensor]]:
    if not checkpoint.is_file():
        raise ValueError(f"{checkpoint} is not there; name the checkpoint.ckpt of a run of `pspm train`")
    try:
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError):
        reason = "it is cut short or damaged"
    except NO_PICKLE:
        reason = "its contents are unknown"
    else:
        match state:
            case {"hyper_parameters": {"network": str(network)}, "state_dict": dict(weights)}:
                return network, {key.removeprefix(PREFIX): w for key, w in weights.items() if key.startswith(PREFIX)}
        reason = "it names no network"
    raise ValueError(f"{checkpoint} is not a checkpoint of `pspm train`: {reason}; name another")
