"""Start an encoder from ImageNet weights with folded batch norms.

The weights belong to a network with strided convolutions, but B3, B4 and B5 use max pooling (thesis sec. 6.3.2). Max
pooling shifts the statistics of all following features so far that they lose their meaning: the pooled encoder's
ImageNet top-1 agrees with the strided network's on 0 of 75 photos. Giving each batch norm the mean and standard
deviation of the strided network brings the agreement to 36 of 75 before any training.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.networks.encoders.mobilenet import STAGES, MobileNetV2
from pspm.networks.encoders.mobilenet_pooled import PooledMobileNetV2
from pspm.training.freeze_norms import freeze_norms

Folded = list[tuple[Tensor, Tensor]]


def read_folded_npz(path: Path, layers: int) -> Folded:
    """Read the first `layers` (weight, bias) pairs of an .npz with the keys `NN_kind_w` and `NN_kind_b`."""
    with np.load(path) as archive:
        names = sorted(key.removesuffix("_w") for key in archive.files if key.endswith("_w"))[:layers]
        return [(torch.from_numpy(archive[f"{n}_w"]), torch.from_numpy(archive[f"{n}_b"])) for n in names]


def striding_statistics(folded: Folded, images: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Mean and standard deviation, (C,) each, of the output of every convolution of the strided network.

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
    """Load the folded weights and calibrate every batch norm on images, (N, 3, H, W) in [-1, 1].

    A batch norm with the statistics of the images, the strided network's standard deviation as weight and its mean as
    bias computes what the folded layer did. A convolution with a bias takes the folded bias. Input channels beyond RGB
    start with weights of 0 (sec. 3.6.1).

    Raises FileNotFoundError if the file of weights does not exist.
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
