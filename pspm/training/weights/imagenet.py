"""Start an encoder from ImageNet weights.

The weights belong to a network with strided convolutions, but B3, B4 and B5 use max pooling (thesis sec. 6.3.2). Max
pooling shifts the statistics of all following features so far that they lose their meaning: the pooled encoder's
ImageNet top-1 agrees with the strided network's on 0 of 75 photos. Giving each batch norm the mean and standard
deviation of the strided network brings the agreement to 36 of 75 before any training.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.networks.encoders.mit import MiT
from pspm.networks.encoders.mobilenet import STAGES, STEM_CHANNELS, MobileNetV2
from pspm.networks.encoders.mobilenet_pooled import PooledMobileNetV2
from pspm.networks.encoders.resnet import PooledResNet34, ResNet34
from pspm.networks.encoders.vgg_pooled import PooledVGG16
from pspm.training.freeze_norms import freeze_norms
from pspm.training.weights.imagenet_files import DEPTHS, RGB, TITLES, read_encoder

Folded = list[tuple[Tensor, Tensor]]


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


# The encoder of B11-1.4. No file is read for it.
WIDER = "mobilenet_v2_wider"
ENCODERS = TITLES | {WIDER: "a wider MobileNetV2"}
Encoder = PooledMobileNetV2 | MobileNetV2 | ResNet34 | PooledResNet34 | PooledVGG16 | MiT


def kind_of(encoder: Encoder) -> str:
    """The kind of weights that an encoder takes, a key of `ENCODERS`."""
    match encoder:
        case MobileNetV2() | PooledMobileNetV2() if len(encoder.get_parameter("stages.0.0.weight")) != STEM_CHANNELS:
            return WIDER
        case ResNet34() | PooledResNet34():
            return "resnet34"
        case PooledVGG16():
            return "vgg16"
        case MiT():
            blocks = [stage.get_submodule("blocks") for stage in encoder.stages]
            return DEPTHS[tuple(len(list(each.children())) for each in blocks)]  # type: ignore[index]
    return "mobilenet_v2"


def start_from_imagenet(encoder: Encoder, path: Path, images: Tensor) -> None:
    """Load ImageNet weights, and calibrate batch norms on images, (N, 3, H, W) in [-1, 1].

    Input channels beyond RGB start with weights of 0 (sec. 3.6.1). Raises FileNotFoundError if the file does not exist,
    ValueError if it cannot be read or is for another encoder.
    """
    file = read_encoder(path)
    if file.kind != kind_of(encoder):
        raise ValueError(f"{path} is for {TITLES[file.kind]}, and the encoder is {ENCODERS[kind_of(encoder)]}")
    match encoder:
        case MobileNetV2() | PooledMobileNetV2():
            _start_mobilenet(encoder, file.folded, images)
        case PooledResNet34():
            _start_pooled_resnet(encoder, file.weights, images)
        case _:
            _load(encoder, file.weights)


@torch.no_grad()
def _start_mobilenet(encoder: PooledMobileNetV2 | MobileNetV2, layers: Folded, images: Tensor) -> None:
    """Load folded weights and calibrate every batch norm.

    A batch norm with the statistics of the images, the strided network's standard deviation as weight and its mean as
    bias computes what the folded layer did. A convolution with a bias takes the folded bias.
    """
    convolutions = [layer for layer in encoder.stages.modules() if isinstance(layer, nn.Conv2d)]
    norms = [layer for layer in encoder.stages.modules() if isinstance(layer, nn.BatchNorm2d)]
    folded = layers[: len(convolutions)]
    for conv, (weight, bias) in zip(convolutions, folded, strict=True):
        conv.weight.zero_()[:, : weight.shape[1]] = weight
        if conv.bias is not None:
            conv.bias.copy_(bias)
    if not norms:
        return
    for norm, (mean, deviation) in zip(norms, striding_statistics(folded, images), strict=True):
        norm.weight.copy_(deviation)
        norm.bias.copy_(mean)
    _take_statistics(encoder, norms, F.pad(images, (0, 0, 0, 0, 0, convolutions[0].in_channels - images.shape[1])))


@torch.no_grad()
def _start_pooled_resnet(encoder: PooledResNet34, weights: dict[str, Tensor], images: Tensor) -> None:
    """Load the weights of a strided ResNet-34 and give each batch norm the output statistics that it has there."""
    strided = ResNet34(RGB)
    _load(strided, weights)
    statistics: dict[str, tuple[Tensor, Tensor]] = {}

    def record(path: str, output: Tensor) -> None:
        # At once, because the activation behind a batch norm changes its output in place.
        statistics[path] = output.mean((0, 2, 3)), output.std((0, 2, 3))

    hooks = [
        layer.register_forward_hook(lambda _, __, output, path=path: record(path, output))
        for path, layer in strided.named_modules()
        if isinstance(layer, nn.BatchNorm2d)
    ]
    strided.eval()(images)
    for hook in hooks:
        hook.remove()
    _load(encoder, {_pooled_name(key): value for key, value in weights.items()})
    for path, (mean, deviation) in statistics.items():
        norm = encoder.get_submodule(_pooled_name(path))
        assert isinstance(norm, nn.BatchNorm2d)
        norm.weight.copy_(deviation)
        norm.bias.copy_(mean)
    norms = [encoder.get_submodule(_pooled_name(path)) for path in statistics]
    stem = encoder.get_submodule("stem.0")
    assert isinstance(stem, nn.Conv2d)
    _take_statistics(encoder, norms, F.pad(images, (0, 0, 0, 0, 0, stem.in_channels - images.shape[1])))


def _pooled_name(key: str) -> str:
    """A key of `ResNet34` in `PooledResNet34`, where the first blocks of the second and third layer are heads."""
    match key.split("."):
        case ["layers", ("1" | "2") as layer, "0", *rest]:
            return ".".join(["heads", layer, *rest])
        case ["layers", ("1" | "2") as layer, block, *rest]:
            return ".".join(["layers", layer, str(int(block) - 1), *rest])
    return key


def _take_statistics(encoder: nn.Module, norms: Sequence[nn.Module], images: Tensor) -> None:
    """Set the running statistics of batch norms to those of images, and freeze the batch norms."""
    momenta = {norm: norm.momentum for norm in norms if isinstance(norm, nn.BatchNorm2d)}
    for norm in momenta:
        norm.momentum = 1.0
    encoder.train()(images)
    for norm, momentum in momenta.items():
        norm.momentum = momentum
    freeze_norms(encoder)


@torch.no_grad()
def _load(encoder: nn.Module, weights: dict[str, Tensor]) -> None:
    """Load weights by name; the first layer's input channels beyond RGB get zeros."""
    own = encoder.state_dict()
    for key, value in weights.items():
        own[key].zero_()
        own[key][tuple(slice(length) for length in value.shape)] = value
