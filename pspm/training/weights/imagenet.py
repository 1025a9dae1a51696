"""Start an encoder from ImageNet weights whose batch normalisation was folded into the convolutions.

The weights belong to a network that strides; B3, B4 and B5 pool (thesis sec. 6.3.2). Max pooling shifts every statistic
behind it, so much that the pooled encoder's features no longer mean anything: its ImageNet top-1 answer agrees with the
striding network's on 0 of 75 photographs. Giving each normalisation the striding network's mean and deviation
brings the agreement to 36 of 75 before any training.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.networks.encoders.mobilenet import STAGES, MobileNetV2
from pspm.networks.encoders.mobilenet_pooled import PooledMobileNetV2

Folded = list[tuple[Tensor, Tensor]]


def read_folded_npz(path: Path, layers: int) -> Folded:
    """The first `layers` (weight, bias) pairs of an .npz with keys `NN_kind_w` and `NN_kind_b`."""
    with np.load(path) as archive:
        names = sorted(key.removesuffix("_w") for key in archive.files if key.endswith("_w"))[:layers]
        return [(torch.from_numpy(archive[f"{n}_w"]), torch.from_numpy(archive[f"{n}_b"])) for n in names]


def striding_statistics(folded: Folded, images: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Mean and deviation, (C,) each, behind every convolution of the striding network.

    Its stride-2 convolutions pad below and to the right only, as TensorFlow's do on even sizes.
    """
    layers, statistics = iter(folded), []

    def conv(x: Tensor, stride: int = 1) -> Tensor:
        weight, bias = next(layers)
        kernel = weight.shape[-1]
        if stride == 2:
            x = F.pad(x, (0, 1, 0, 1))
        depthwise = weight.shape[1] == 1 and kernel == 3
        padding = 0 if stride == 2 else kernel // 2
        x = F.conv2d(x, weight, bias, stride, padding, groups=weight.shape[0] if depthwise else 1)
        statistics.append((x.mean((0, 2, 3)), x.std((0, 2, 3))))
        return x

    x = F.relu6(conv(images, 2))
    for stage in STAGES:
        strides = stage.pools or stage.c == 160
        for block in range(len(stage.dilations)):
            y = F.relu6(conv(x)) if stage.t > 1 else x
            y = F.relu6(conv(y, 2 if strides and block == 0 else 1))
            y = conv(y)
            x = x + y if block > 0 else y
    return statistics


Encoder = PooledMobileNetV2 | MobileNetV2


@torch.no_grad()
def start_from_imagenet(encoder: Encoder, weights: Path, images: Tensor) -> None:
    """Load the folded weights; calibrate every normalisation on (N, 3, H, W) photographs in [-1, 1].

    A normalisation whose statistics are the photographs', whose weight is the striding network's deviation and whose
    bias is that network's mean computes what the folded layer did. A layer with a bias of its own just takes it.
    Channels of the input beyond the three colours start without any weight (sec. 3.6.1).

    Raises FileNotFoundError where there are no weights.
    """
    convolutions = [layer for layer in encoder.stages.modules() if isinstance(layer, nn.Conv2d)]
    norms = [layer for layer in encoder.stages.modules() if isinstance(layer, nn.BatchNorm2d)]
    folded = read_folded_npz(weights, len(convolutions))
    for conv, (weight, bias) in zip(convolutions, folded, strict=True):
        conv.weight.zero_()[:, : weight.shape[1]] = weight
        if conv.bias is not None:
            conv.bias.copy_(bias)
    if not norms:
        return
    for norm, (mean, deviation) in zip(norms, striding_statistics(folded, images), strict=True):
        norm.weight.copy_(deviation)
        norm.bias.copy_(mean)
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    encoder.train()(F.pad(images, (0, 0, 0, 0, 0, convolutions[0].in_channels - images.shape[1])))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    freeze_norms(encoder)


def freeze_norms(module: nn.Module) -> None:
    """Let every batch normalisation use its running statistics, and keep them, until the next `train()`."""
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.eval()
