"""Start encoders from ImageNet weights with folded batch norms."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from pspm.networks import build
from pspm.networks.encoders.mobilenet import MobileNetV2
from pspm.networks.encoders.mobilenet_pooled import POOLED_STAGES, PooledMobileNetV2
from pspm.networks.layers.convolution import conv_bias
from pspm.operators import MaxPool
from pspm.training.freeze_norms import freeze_norms
from pspm.training.weights.imagenet import start_from_imagenet
from tests.conftest import WEIGHTS


def photos() -> torch.Tensor:
    return torch.rand(4, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_calibration_gives_pooled_features_the_strided_networks_statistics(data: Path) -> None:
    encoder, images = PooledMobileNetV2([MaxPool() for _ in POOLED_STAGES]), photos()
    start_from_imagenet(encoder, data / WEIGHTS, images)
    stem, norm = next(encoder.conv_bn_pairs())
    with np.load(data / WEIGHTS) as archive:
        weight, bias = torch.from_numpy(archive["00_conv_w"]), torch.from_numpy(archive["00_conv_b"])
    striding = F.conv2d(F.pad(images, (0, 1, 0, 1)), weight, bias, stride=2)
    with torch.no_grad():
        pooling = norm(stem(images))
    assert torch.allclose(pooling.mean((0, 2, 3)), striding.mean((0, 2, 3)), atol=1e-3)
    assert torch.allclose(pooling.std((0, 2, 3)), striding.std((0, 2, 3)), rtol=1e-2)
    assert not any(norm.training for _, norm in encoder.conv_bn_pairs())


def test_a_strided_encoder_with_batch_norms_computes_the_same_as_the_folded_one(data: Path) -> None:
    folded, normalised = MobileNetV2(output_stride=32, conv=conv_bias), MobileNetV2(output_stride=32)
    images = photos()
    start_from_imagenet(folded, data / WEIGHTS, images)
    start_from_imagenet(normalised, data / WEIGHTS, images)
    freeze_norms(normalised)
    with torch.no_grad():
        for ours, theirs in zip(normalised(images), folded(images), strict=True):
            assert (ours - theirs).abs().mean() < 0.01 * theirs.std()


@pytest.mark.parametrize("name", ["matting-b1", "matting-b9"])
def test_the_trimaps_channel_starts_at_zero(name: str, data: Path) -> None:
    encoder = build(name).get_submodule("matting.encoder")
    assert isinstance(encoder, MobileNetV2 | PooledMobileNetV2)
    start_from_imagenet(encoder, data / WEIGHTS, photos())
    stem = encoder.get_parameter("stages.0.0.weight")
    with np.load(data / WEIGHTS) as archive:
        assert np.array_equal(stem[:, :3].detach().numpy(), archive["00_conv_w"])
    assert not stem[:, 3].any()


def test_strided_convolutions_pad_like_tensorflow(data: Path) -> None:
    """Even sides are padded below and to the right only: the first output sees the first three rows, not a border."""
    encoder = MobileNetV2(last=1, conv=conv_bias)
    start_from_imagenet(encoder, data / WEIGHTS, photos())
    image = torch.zeros(1, 3, 32, 32)
    image[..., 0, 0] = 1
    with torch.no_grad():
        stem = encoder.stages[0]
        changed = (stem(image) - stem(torch.zeros_like(image))).abs().sum(1)[0] > 0
        assert changed.nonzero().tolist() == [[0, 0]]
        image[..., 0, 0], image[..., 2, 2] = 0, 1
        changed = (stem(image) - stem(torch.zeros_like(image))).abs().sum(1)[0] > 0
    assert changed.nonzero().tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
