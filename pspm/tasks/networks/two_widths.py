"""Operators between an encoder feature and a decoder feature with different numbers of channels."""

from torch import nn

from pspm.operators import SAPA, Blind, Holistic, IndexNet, Maker, MaxPool, Operator


class DifferentWidthsError(ValueError):
    """An operator needs as many channels in the decoder as in the encoder."""


def across(operator: Maker, encoder: int, decoder: int) -> Operator:
    """The operator whose guidance comes from `encoder` channels and whose upsampled feature has `decoder`.

    Blind upsampling belongs to the decoder's width. Kernels of A2U and maps of holistic operators serve any width, and
    SAPA embeds each feature from its own. Raises DifferentWidthsError for maps with a channel for each of the feature's
    (max-unpool, depthwise IndexNet) and for SAPA-I, which compares the features themselves.
    """
    made = operator(encoder)
    if encoder == decoder:
        return made
    match made:
        case Blind():
            made.up = blind_upsampling(operator(decoder))
        case SAPA(embed_decoder=nn.Conv2d() as embed):
            made.embed_decoder = nn.Conv2d(decoder, embed.out_channels, 1, bias=False)
            if made.gate is not None:
                made.gate = nn.Conv2d(decoder, 1, 1, bias=False)
        case MaxPool() | SAPA():
            raise _different(made, encoder, decoder)
        case IndexNet() if not isinstance(made.index, Holistic):
            raise _different(made, encoder, decoder)
    return made


def blind_upsampling(operator: Operator) -> nn.Module:
    """The module that doubles the resolution without guidance. Raises ValueError for a guided operator."""
    if isinstance(operator, Blind):
        return operator.up
    raise ValueError("it needs an operator without guidance, such as carafe or nearest")


def _different(operator: Operator, encoder: int, decoder: int) -> DifferentWidthsError:
    return DifferentWidthsError(
        f"{type(operator).__name__} cannot pass from {encoder} channels of the encoder to {decoder} of the decoder; "
        "choose a holistic one (indexnet-hin), a2u-dynamic-cs, sapa-b or carafe"
    )
