"""Operators: pooling in the encoder and upsampling in the decoder, behind one interface."""

from pspm.operators.a2u import A2U
from pspm.operators.blind import Blind
from pspm.operators.carafe import Carafe
from pspm.operators.indexnet import Depthwise, EveryChannel, Holistic, IndexNet, index_networks, many_to_one
from pspm.operators.interface import Maker, Operator, Pooled
from pspm.operators.maxpool import HolisticMaxPool, MaxPool
from pspm.operators.registry import OPERATORS, operators
from pspm.operators.replacement import replace_upsampling
from pspm.operators.sapa import SAPA

__all__ = [
    "A2U",
    "OPERATORS",
    "SAPA",
    "Blind",
    "Carafe",
    "Depthwise",
    "EveryChannel",
    "Holistic",
    "HolisticMaxPool",
    "IndexNet",
    "Maker",
    "MaxPool",
    "Operator",
    "Pooled",
    "index_networks",
    "many_to_one",
    "operators",
    "replace_upsampling",
]
