"""How large a network looks at photos."""

from torch import nn

SIDE = 512


def view_side(network: nn.Module) -> int:
    """The side, in pixels, of the square whose area a photo is brought to: the network's own `SIDE`, or 512."""
    return int(getattr(network, "SIDE", SIDE))
