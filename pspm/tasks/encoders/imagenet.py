"""ImageNet weights for the encoder of a network, from a file that the user has."""

from pathlib import Path

from torch import Tensor, nn

from pspm.tasks.encoders.layouts import Layout, State
from pspm.tasks.encoders.places import ENCODERS, Encoder, in_encoder
from pspm.training.weights.imagenet_files import for_our_range, read_state

# What a file may have or lack: batch norms count batches, and Swin keeps tables that follow from its windows.
NOT_WEIGHTS = ("num_batches_tracked", "relative_position_index", "attn_mask")


def read_for(path: Path, name: str, network: nn.Module) -> State:
    """The weights of a file for the encoder of a network, by the names that they have in the network.

    name: the network's. network: is left as it is; it may be on no device. The first layer takes over the difference
    between ImageNet's pixels and those that the network passes to it.
    Raises FileNotFoundError if there is no such file, ValueError if it does not fit the encoder.
    """
    place = ENCODERS.get(name)
    if place is None or place.layout is None:
        raise ValueError(
            f"PSPM reads no ImageNet weights for {name}, so its encoder starts at random; leave out --imagenet"
        )
    try:
        found = fitting(read_state(path), place, place.layout, network)
    except (KeyError, ValueError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise ValueError(f"{path} does not fit {name}: {reason}; take {place.layout.title}") from None
    return {f"{place.path}.{key}": value for key, value in found.items()}


def fitting(state: State, place: Encoder, layout: Layout, network: nn.Module) -> State:
    """The weights by the encoder's names. Raises KeyError or ValueError unless they are all of them, and no more."""
    wanted = {
        key.removeprefix(f"{place.path}."): value.shape
        for key, value in network.state_dict().items()
        if in_encoder(key, place.path) and not key.endswith(NOT_WEIGHTS)
    }
    wanted = {key: shape for key, shape in wanted.items() if not key.startswith(layout.fresh)}
    named = {
        key: value
        for key, value in layout.names(state).items()
        if not key.startswith(layout.rest) and not key.endswith(NOT_WEIGHTS)
    }
    for key, shape in wanted.items():
        if named[key].shape != shape:
            raise ValueError(f"its {key} is of shape {tuple(named[key].shape)}, not {tuple(shape)}")
    if more := [key for key in named if key not in wanted]:
        raise ValueError(f"it has {more[0]}, which the encoder does not")
    return named if place.normalises else for_pixels_in_our_range(named, layout)


def for_pixels_in_our_range(state: State, layout: Layout) -> State:
    """The weights for RGB in [-1, 1]: only the first layer's change."""
    weight, shift = for_our_range(state[f"{layout.convolution}.weight"])
    changed: dict[str, Tensor] = {f"{layout.convolution}.weight": weight}
    bias, mean = f"{layout.convolution}.bias", f"{layout.norm}.running_mean"
    if bias in state:
        changed[bias] = state[bias] + shift
    else:
        # The batch norm behind it subtracts that much less.
        changed[mean] = state[mean] - shift
    return state | changed
