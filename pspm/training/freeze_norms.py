"""Freeze the batch norms of a network."""

from torch import nn


def freeze_norms(module: nn.Module) -> None:
    """Freeze batch norms: they use and keep their running statistics until the next `train()`."""
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.eval()
