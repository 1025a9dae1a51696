"""Read trained networks from checkpoints of `pspm train`."""

import pickle
import struct
import zipfile
from pathlib import Path

import torch
from pspm_runtime.bundle import shipped
from torch import Tensor

from pspm.networks import MattingNetwork, build

PREFIX = "network."
# Exceptions that torch.load raises for files that are not pickles. Its own message suggests weights_only=False, so we
# hide it.
NOT_A_PICKLE = (pickle.UnpicklingError, struct.error, LookupError, TypeError, ValueError)


def is_shipped(source: Path | str) -> bool:
    """Whether `source` is the name of a shipped network. An existing file of that name takes precedence."""
    return str(source) in shipped() and not Path(source).exists()


def load_network(name: str | None, checkpoint: Path) -> MattingNetwork:
    """Load the averaged weights of a checkpoint into a network in eval mode.

    name: of the network; None uses the name stored in the checkpoint. Raises ValueError for an unknown name, and for a
    file that is missing or not a checkpoint of that network.
    """
    name = name or trained_network(checkpoint)
    network = build(name)
    try:
        network.load_state_dict(read_weights(checkpoint))
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"{checkpoint} is not a checkpoint of {name} ({reason}); choose another, or name its network"
        ) from None
    return network.eval()


def trained_network(checkpoint: Path) -> str:
    """The network's name stored in a checkpoint. Raises ValueError if the file is missing or not a checkpoint."""
    return read_checkpoint(checkpoint)[0]


def read_weights(checkpoint: Path) -> dict[str, Tensor]:
    """The network's averaged weights. Raises ValueError if the file is missing or not a checkpoint."""
    return read_checkpoint(checkpoint)[1]


def read_checkpoint(checkpoint: Path) -> tuple[str, dict[str, Tensor]]:
    """The network's name and its averaged weights. Raises ValueError if the file is missing or not a checkpoint."""
    if not checkpoint.is_file():
        raise ValueError(f"{checkpoint} does not exist; name the checkpoint.ckpt of a `pspm train` run")
    try:
        _check_size(checkpoint)
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError):
        reason = "it is cut short or damaged"
    except NOT_A_PICKLE:
        reason = "its contents are unknown"
    else:
        match state:
            case {"hyper_parameters": {"network": str(network)}, "state_dict": dict(weights)}:
                named = {key: w for key, w in weights.items() if isinstance(key, str) and isinstance(w, Tensor)}
                return network, {key.removeprefix(PREFIX): w for key, w in named.items() if key.startswith(PREFIX)}
        reason = "it names no network"
    raise ValueError(f"{checkpoint} is not a checkpoint of `pspm train`: {reason}; choose another file")


def _check_size(checkpoint: Path) -> None:
    """Raise ValueError if the archive unpacks to more than its own size; torch.save does not compress."""
    if zipfile.is_zipfile(checkpoint):
        try:
            with zipfile.ZipFile(checkpoint) as archive:
                unpacked = sum(entry.file_size for entry in archive.infolist())
        except zipfile.BadZipFile as error:
            raise RuntimeError("damaged archive") from error
        if unpacked > checkpoint.stat().st_size:
            raise ValueError("it is compressed")
