"""Operators that pool in the encoder and upsample in the decoder, behind one interface."""

from pspm.operators.indexnet import Depthwise, EveryChannel, Holistic, IndexNet, index_networks, many_to_one
from pspm.operators.interface import Maker, Operator, Pooled
from pspm.operators.maxpool import HolisticMaxPool, MaxPool
from pspm.operators.registry import OPERATORS, operators

__all__ = [
    "OPERATORS",
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
]
