"""Operators in other networks: `replace_upsampling` puts one into torchvision's, transformers' or your own."""

from pspm.operators.replacement.replace import FAMILIES, replace_upsampling
from pspm.operators.replacement.report import Left, Placed, Replacement

__all__ = ["FAMILIES", "Left", "Placed", "Replacement", "replace_upsampling"]
