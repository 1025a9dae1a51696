"""The operator for one stage of another network."""

from pspm_runtime.errors import ModelError
from torch import nn

from pspm.operators.a2u import A2U
from pspm.operators.blind import Blind
from pspm.operators.indexnet import IndexNet
from pspm.operators.interface import Maker, Operator
from pspm.operators.maxpool import HolisticMaxPool, MaxPool
from pspm.operators.registry import operators
from pspm.operators.two_widths import DifferentWidthsError, across


def is_blind(name: str) -> bool:
    """Whether an operator upsamples without a guide."""
    return isinstance(_sample(name), Blind)


def pools_itself(operator: Operator) -> bool:
    """Whether an operator pools in a way of its own. The others pool by the maximum or leave the network's pooling."""
    if isinstance(operator, Blind):
        return not isinstance(operator.down, nn.MaxPool2d)
    if isinstance(operator, IndexNet):
        return operator.paired
    return isinstance(operator, MaxPool | HolisticMaxPool) or (isinstance(operator, A2U) and operator.down is not None)


def fitted(name: str, make: Maker, path: str, channels: int, guide_channels: int | None, *, pooled: bool) -> Operator:
    """The operator that doubles `channels` channels at `path`, guided by `guide_channels` channels.

    pooled: the network's pooling of that level is replaced too. Without it, an index network only guides, as in SAPA's
    Table 2. Raises ModelError where the operator does not fit.
    """
    sample = _sample(name)
    if not pooled and pools_itself(sample) and not isinstance(sample, IndexNet):
        raise ModelError(
            f"{name!r} cannot be placed at {path}: it pools in its own way, and no pooling is paired with that "
            "upsampling; choose an operator that only upsamples, such as 'carafe', 'indexnet-hin' or 'sapa-b'"
        )
    if guide_channels is None:
        if isinstance(sample, Blind):
            return make(channels)
        raise ModelError(f"{name!r} cannot be placed at {path}: it needs a guide; name one, or choose a blind operator")
    try:
        return across(make, guide_channels, channels)
    except DifferentWidthsError:
        raise ModelError(
            f"{name!r} cannot be placed at {path}: it needs a guide of {channels} channels, and this one has "
            f"{guide_channels}; choose an operator whose guide may differ, such as 'indexnet-hin', 'a2u-dynamic-cs' "
            "or 'sapa-b'"
        ) from None


def _sample(name: str) -> Operator:
    return operators(name)(2)
