"""The networks by name: the only registry."""

from collections.abc import Callable

from pspm.networks.matdecoder import AttentionGuided, FeatureFusion, LateInteraction
from pspm.networks.matte import Matte
from pspm.networks.mobile import Mobile
from pspm.networks.pspm import ParameterSharing
from pspm.operators import MaxPool

Network = ParameterSharing | Mobile

NETWORKS: dict[str, Callable[[], Network]] = {
    "mobile": Mobile,
    "b3": lambda: ParameterSharing(LateInteraction(), lambda channels: MaxPool()),
    "b4": lambda: ParameterSharing(FeatureFusion(), lambda channels: MaxPool()),
    "b5": lambda: ParameterSharing(AttentionGuided(), lambda channels: MaxPool()),
    "b5-fm": lambda: ParameterSharing(AttentionGuided(), lambda channels: MaxPool(), modulate=True),
}


def build(name: str) -> Network:
    """A fresh network with random weights. Raises ValueError for a name that is not in `NETWORKS`."""
    if name not in NETWORKS:
        raise ValueError(f"there is no network named {name!r}; the networks are {', '.join(NETWORKS)}")
    return NETWORKS[name]()


__all__ = ["NETWORKS", "Matte", "Network", "build"]
