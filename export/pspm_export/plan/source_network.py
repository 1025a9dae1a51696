"""The trained network that a file is made from and held against."""

from pathlib import Path

from pspm_runtime.bundle import open_bundle, shipped
from pspm_runtime.errors import ModelError

from pspm.checkpoint import load_network, trained_network
from pspm.networks import NETWORKS, MattingNetwork
from pspm_export.verification.parity import torch_twin


def find_trained(checkpoint: Path | None, name: str | None) -> tuple[MattingNetwork, str]:
    """The network in eval mode, with its name: of a checkpoint, or else a shipped one, whose file holds its weights.

    Raises ModelError for an unknown name, and for a network of which there are no weights.
    """
    if checkpoint:
        try:
            name = name or trained_network(checkpoint)
            network = load_network(name, checkpoint)
        except (ValueError, OSError) as error:
            raise ModelError(str(error)) from None
    elif name is None:
        raise ModelError(f"which network? Name a checkpoint, or with --model one of {', '.join(shipped())}")
    elif name in shipped():
        bundle = open_bundle(name)
        name, network = bundle.network, torch_twin(bundle.model, bundle.network)
    elif name in NETWORKS:
        raise ModelError(f"{name} is shipped without weights; name the checkpoint of a training of it")
    else:
        raise ModelError(f"there is no network named {name!r}; the networks are {', '.join(NETWORKS)}")
    return network, name
