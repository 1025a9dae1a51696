"""Freeze the batch norms of a network."""

from torch import nn

from pspm.training.recipes import FreezeNorms


def freeze_norms(module: nn.Module, which: FreezeNorms = True) -> None:
    """Freeze batch norms: they use and keep their running statistics until the next `train()`."""
    for layer in frozen_norms(module, which):
        layer.eval()


def frozen_norms(module: nn.Module, which: FreezeNorms = True) -> list[nn.BatchNorm2d]:
    """List the batch norms to freeze: all, none, or those of the "backbone".

    The backbone is an encoder as ImageNet trained it. The operators and the feature modulation inside are new, so their
    batch norms are not part of it.
    """
    named = ((name, layer) for name, layer in module.named_modules() if isinstance(layer, nn.BatchNorm2d))
    if which == "backbone":
        return [layer for name, layer in named if in_backbone(name)]
    return [layer for _, layer in named] if which else []


def in_backbone(key: str) -> bool:
    """Whether a module or parameter, by its name, belongs to a backbone."""
    return in_encoder(key) and not any(f".{part}." in key for part in ("operators", "modulations"))


def in_encoder(key: str) -> bool:
    """Whether a module or parameter, by its name, belongs to an encoder; a cascade has two of them."""
    return ".encoder." in f".{key}"
