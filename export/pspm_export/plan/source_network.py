"""The source network: the trained network that a file is made from and compared with."""

from pathlib import Path

from pspm_runtime.bundle import open_bundle, shipped
from pspm_runtime.errors import ModelError

from pspm.bn_folding import fold_norms, read_folded_onnx
from pspm.checkpoint import load_network, trained_network
from pspm.networks import NETWORKS, MattingNetwork, build


def find_trained(checkpoint: Path | None, name: str | None) -> tuple[MattingNetwork, str]:
    """The network in eval mode, and its name: from a checkpoint, or a shipped network from its ONNX file.

    Raises ModelError for an unknown name, an unreadable checkpoint, and a network that has no weights.
    """
    if checkpoint:
        try:
            name = name or trained_network(checkpoint)
            network = load_network(name, checkpoint)
        except (ValueError, OSError) as error:
            raise ModelError(str(error)) from None
    elif name is None:
        raise ModelError(f"no network is given; name a checkpoint, or with --model one of {', '.join(shipped())}")
    elif name in shipped():
        bundle = open_bundle(name)
        name, network = bundle.network, torch_twin(bundle.model, bundle.network)
    elif name in NETWORKS:
        raise ModelError(f"{name} ships without weights; name the checkpoint of a run that trained it")
    else:
        raise ModelError(f"there is no network named {name!r}; the networks are {', '.join(NETWORKS)}")
    return network, name


def torch_twin(model: Path, name: str) -> MattingNetwork:
    """Rebuild the network `name` in torch from the float weights of its ONNX file, with batch norms folded.

    It replaces the checkpoint of a shipped file. Raises RuntimeError if the weights do not fit the network.
    """
    twin = fold_norms(build(name))
    twin.load_state_dict(read_folded_onnx(model))
    return twin
