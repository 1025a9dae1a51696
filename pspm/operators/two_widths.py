"""Operators between an encoder feature and a decoder feature with different numbers of channels."""

from torch import nn

from pspm.operators.a2u import A2U
from pspm.operators.blind import Blind
from pspm.operators.indexnet import Holistic, IndexNet
from pspm.operators.interface import Maker, Operator
from pspm.operators.maxpool import HolisticMaxPool, MaxPool
from pspm.operators.sapa import SAPA


class DifferentWidthsError(ValueError):
    """An operator needs as many channels in the decoder as in the encoder."""


def across(operator: Maker, encoder: int, decoder: int) -> Operator:
    """The operator whose guidance comes from `encoder` channels and whose upsampled feature has `decoder`.

    Blind upsampling belongs to the decoder's width. Kernels of A2U and maps of holistic operators serve any width, and
    SAPA embeds each feature from its own. Raises DifferentWidthsError for maps with a channel for each of the feature's
    (max-unpool, depthwise IndexNet) and for SAPA-I, which compares the features themselves.
    """
    made = operator(encoder)
    if encoder == decoder or serves_any_width(made):
        return made
    match made:
        case Blind():
            made.up = blind_upsampling(operator(decoder))
            return made
        case SAPA(similarity=similarity) if similarity != "inner":
            return SAPA(
                decoder,
                similarity,
                guide_channels=encoder,
                embedding=made.embedding,
                kernel=made.kernel,
                normalisation=made.normalisation,
            )
    raise DifferentWidthsError(
        f"{type(made).__name__} cannot pass from {encoder} channels of the encoder to {decoder} of the decoder; "
        "choose indexnet-hin, a2u-dynamic-cs, sapa-b or carafe"
    )


def upsampling_across(operator: Maker, encoder: int, decoder: int) -> Operator:
    """The same for an encoder that strides, so that the operator never pools.

    Raises ValueError, too, for an operator whose upsampling needs its own pooling.
    """
    made = across(operator, encoder, decoder)
    match made:
        case Blind():
            return Blind(nn.Identity(), made.up)
        case A2U(down=nn.Module()) | MaxPool() | HolisticMaxPool():
            raise ValueError("it pools in its own way, and this encoder strides; choose indexnet-hin or a2u-dynamic-cs")
    return made


def serves_any_width(operator: Operator) -> bool:
    """Whether one kernel or one map for all channels is the guidance, so that a feature may have any number of them."""
    return isinstance(operator, A2U | HolisticMaxPool) or (
        isinstance(operator, IndexNet) and isinstance(operator.index, Holistic)
    )


def blind_upsampling(operator: Operator) -> nn.Module:
    """The module that doubles the resolution without guidance. Raises ValueError for a guided operator."""
    if isinstance(operator, Blind):
        return operator.up
    raise ValueError("it needs an operator without guidance, such as carafe or nearest")
