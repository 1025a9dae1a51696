"""Layers of VGG-16 with batch norm: SegNet, Deep Image Matting and the SegNet-like DnCNN have them."""

from itertools import pairwise

from torch import nn


def conv_bn_relu(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """A layer of VGG-16 with batch norm. Its convolution has a bias, as the ImageNet weights do."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


def stage(*widths: int, strides: bool = False) -> nn.Sequential:
    """Layers from each width to the next. strides: the last one halves the resolution."""
    steps = list(pairwise(widths))
    return nn.Sequential(
        *(conv_bn_relu(*step, stride=2 if strides and i == len(steps) else 1) for i, step in enumerate(steps, 1))
    )


def initialise(network: nn.Module) -> None:
    """ "Improved Xavier" (He et al., 2015) for every convolution, for training from scratch."""
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
