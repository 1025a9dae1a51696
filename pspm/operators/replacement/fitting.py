"""The operator for one stage of another network, whose decoder and guide may differ in channels."""

from pspm_runtime.errors import ModelError
from torch import nn

from pspm.operators.a2u import A2U
from pspm.operators.blind import Blind
from pspm.operators.indexnet import Holistic, IndexNet
from pspm.operators.interface import Maker, Operator
from pspm.operators.maxpool import HolisticMaxPool, MaxPool
from pspm.operators.registry import operators
from pspm.operators.sapa import SAPA


def is_blind(name: str) -> bool:
    """Whether an operator upsamples without a guide."""
    return isinstance(operators(name)(2), Blind)


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
    operator = make(channels)
    if not pooled and pools_itself(operator) and not isinstance(operator, IndexNet):
        raise ModelError(
            f"{name!r} cannot be placed at {path}: it pools in its own way, and no pooling is paired with that "
            "upsampling; choose an operator that only upsamples, such as 'carafe', 'indexnet-hin' or 'sapa-b'"
        )
    if isinstance(operator, Blind):
        if pooled and guide_channels not in (None, channels):
            operator.down = _down(make(guide_channels))
        return operator
    if guide_channels == channels:
        return operator
    if guide_channels is None:
        raise ModelError(f"{name!r} cannot be placed at {path}: it needs a guide; name one, or choose a blind operator")
    if isinstance(operator, SAPA) and operator.similarity != "inner":
        return SAPA(
            channels,
            operator.similarity,
            guide_channels=guide_channels,
            embedding=operator.embedding,
            kernel=operator.kernel,
            normalisation=operator.normalisation,
        )
    # One kernel or one index map for all channels: the guide alone makes it.
    if isinstance(operator, A2U | HolisticMaxPool) or (
        isinstance(operator, IndexNet) and isinstance(operator.index, Holistic)
    ):
        return make(guide_channels)
    raise ModelError(
        f"{name!r} cannot be placed at {path}: it needs a guide of {channels} channels, and this one has "
        f"{guide_channels}; choose an operator whose guide may differ, such as 'indexnet-hin', 'a2u-dynamic-cs' "
        "or 'sapa-b'"
    )


def _down(operator: Operator) -> nn.Module:
    assert isinstance(operator, Blind)
    return operator.down
