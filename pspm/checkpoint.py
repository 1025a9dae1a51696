"""Trained weights from a checkpoint."""

import pickle
from pathlib import Path

import torch

from pspm.networks import Network, build


def load_network(name: str, checkpoint: Path) -> Network:
    """The network in eval mode with the averaged weights of a checkpoint.

    Raises ValueError for an unknown name and for a file that is no checkpoint of that network, OSError where it cannot
    be read.
    """
    network = build(name)
    try:
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        network.load_state_dict(state["average"])
    except (RuntimeError, KeyError, TypeError, EOFError, pickle.UnpicklingError) as error:
        reason = (str(error) or "it is cut short").splitlines()[0]
        raise ValueError(
            f"{checkpoint} is not a checkpoint of {name} ({reason}); train one, or name its network"
        ) from None
    return network.eval()
