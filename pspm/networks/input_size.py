"""How large a network looks at photos."""

from pspm_runtime.stages.network_view import InputSize

from pspm.networks import Network

SIDE = 512
LONGEST = 1024


def view_side(network: Network) -> int:
    """The side, in pixels, of the square whose area a photo is brought to: the network's own `SIDE`, or 512."""
    return int(getattr(network, "SIDE", SIDE))


def view_rule(network: Network) -> InputSize:
    """The size of its view of any photo."""
    return InputSize(view_side(network), network.MULTIPLE, LONGEST)
