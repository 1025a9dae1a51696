"""Operators that pool in the encoder and upsample in the decoder, behind one interface."""

from pspm.operators.indexnet import IndexNet, many_to_one
from pspm.operators.interface import Operator, Pooled
from pspm.operators.maxpool import MaxPool

__all__ = ["IndexNet", "MaxPool", "Operator", "Pooled", "many_to_one"]
