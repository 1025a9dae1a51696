"""The baselines of thesis Table 3.3, and B11-1.4 of Table 3.4: how they differ from one another."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from pspm.networks import build
from pspm.networks.encoders.mobilenet import STAGE_CHANNELS
from pspm.networks.trimap_based.deeplab_matting import DeepLabMatting
from pspm.networks.trimap_based.indexnet import IndexNetMatting
from pspm.networks.trimap_based.refinenet_matting import ChainedResidualPooling, RefineNetMatting
from tests.networks import random_input, settled
from tests.pspm.networks.test_counts import COUNTS

pytestmark = pytest.mark.slow

ALL = [*(f"matting-b{i}" for i in range(1, 11)), "b11", "b11-1.4"]
SIMILAR = ("matting-b6", "matting-b7", "matting-b9", "b11-1.4")


def parameters(name: str) -> int:
    """Of a network; test_counts.py compares them with what is counted."""
    return COUNTS[name][0]


def encoder_parameters(name: str) -> int:
    return sum(p.numel() for p in build(name).get_submodule("matting.encoder").parameters())


def conv_bn(inputs: int, outputs: int, kernel: int = 1, groups: int = 1) -> int:
    return inputs * outputs * kernel**2 // groups + 2 * outputs


def depthwise_aspp(inputs: int, outputs: int) -> int:
    atrous = conv_bn(inputs, inputs, 3, inputs) + conv_bn(inputs, 256)
    return 2 * conv_bn(inputs, 256) + 3 * atrous + conv_bn(5 * 256, outputs)


def test_where_the_printed_size_of_b3_comes_from() -> None:
    widths = (4, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)
    vgg = sum(9 * i * o + o + 2 * o for i, o in pairwise(widths))
    context = 49 * 512 * 4096 + 4096 + 4096 * 512 + 512
    decoder = sum(25 * i * o + o for i, o in pairwise((512, 512, 256, 128, 64, 64, 1)))
    assert parameters("matting-b3") == parameters("matting-b4") == vgg + context + decoder


def test_the_strided_encoders_are_one() -> None:
    """MobileNetV2 up to l7 has 1,811,712 parameters for RGB (2,223,872 without its classifier, less the last layer)."""
    assert encoder_parameters("matting-b1") == encoder_parameters("matting-b2") == 1_811_712 + 32 * 9
    assert 1_811_712 + conv_bn(320, 1280) == 2_223_872


def test_where_the_size_of_b1_comes_from() -> None:
    decoder = depthwise_aspp(320, 256) + conv_bn(24, 48) + conv_bn(304, 256, 5) + conv_bn(256, 256, 5)
    prediction = conv_bn(256, 1) + 1
    assert parameters("matting-b1") == encoder_parameters("matting-b1") + decoder + prediction


def test_where_the_size_of_b2_comes_from() -> None:
    widen = sum(conv_bn(c, 256) for c in (320, 160, 96, 64, 32, 24))
    pooling, adapt = 4 * 4 * conv_bn(256, 256), 3 * conv_bn(256, 256)
    prediction = conv_bn(256, 1, 5) + 25
    assert parameters("matting-b2") == encoder_parameters("matting-b2") + widen + pooling + adapt + prediction


def test_where_b5_to_b10_differ_from_b11() -> None:
    sizes = {name: parameters(name) for name in ALL}
    aspp = depthwise_aspp(320, 160) - conv_bn(320, 160)
    concatenated = 25 * sum(c * w for c, w in zip(STAGE_CHANNELS, IndexNetMatting.WIDTHS, strict=False))
    assert sizes["matting-b10"] == sizes["b11"] - aspp
    assert sizes["matting-b7"] == sizes["matting-b9"] == sizes["b11"] - concatenated
    assert sizes["matting-b5"] == sizes["matting-b6"] == sizes["matting-b8"] == sizes["b11"] - aspp - concatenated


def test_b11_14_has_1_4_times_the_channels_rounded_down() -> None:
    network = build("b11-1.4")
    assert network.get_parameter("matting.encoder.stages.0.0.weight").shape[0] == 44
    assert network.get_parameter("matting.aspp.local.0.weight").shape[:2] == (358, 448)
    decoder = [network.get_parameter(f"matting.d.{i}.0.weight").shape[:2] for i in range(7)]
    assert decoder == [(44, 88), (44, 44), (22, 66), (33, 88), (44, 178), (89, 268), (134, 448)]


# test_networks.py has the others.
@pytest.mark.parametrize("name", [*SIMILAR, pytest.param("matting-b4", marks=pytest.mark.exhaustive)])
def test_an_alpha_and_a_gradient_for_every_parameter(name: str) -> None:
    network = build(name).train()
    alpha = network(random_input(network, 2, 64, 96)).alpha
    assert alpha.shape == (2, 1, 64, 96)
    alpha.square().mean().backward()
    without = [key for key, p in network.named_parameters() if p.grad is None or not p.grad.isfinite().all()]
    assert without == []


@torch.no_grad()
@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("matting-b3", "matting-b4"),  # the indices
        ("matting-b5", "matting-b6"),
        ("matting-b5", "matting-b8"),  # the encoder's features
        ("matting-b7", "matting-b9"),
    ],
)
def test_what_two_baselines_differ_in_changes_alpha(name: str, other: str) -> None:
    network, same_weights = settled(name), build(other).eval()
    same_weights.load_state_dict(network.state_dict())
    x = random_input(network, 1, 64, 64)
    alpha = network(x).alpha
    assert (alpha - same_weights(x).alpha).abs().mean() > 0.05 * alpha.mean()


@torch.no_grad()
@pytest.mark.parametrize("name", ["matting-b1", "matting-b2", "matting-b3", "matting-b5"])
def test_the_trimap_changes_alpha(name: str) -> None:
    network = settled(name)
    x = random_input(network, 1, 64, 64)
    other = torch.cat([x[:, :3], -x[:, 3:]], 1)
    alpha = network(x).alpha
    assert (alpha - network(other).alpha).abs().max() > 0.05 * alpha.max()


@torch.no_grad()
def test_b1_takes_sides_of_its_output_stride() -> None:
    network, features = build("matting-b1").eval(), []
    matting = network.get_submodule("matting")
    assert isinstance(matting, DeepLabMatting)
    matting.encoder.register_forward_hook(lambda _, __, output: features.extend(output))
    assert network(random_input(network, 1, 48, 80)).alpha.shape == (1, 1, 48, 80)
    assert [tuple(feature.shape[2:]) for feature in features[2:]] == [(12, 20), (6, 10), *[(3, 5)] * 4]


@torch.no_grad()
def test_b2_fuses_four_resolutions() -> None:
    network, pooled = build("matting-b2").eval(), []
    matting = network.get_submodule("matting")
    assert isinstance(matting, RefineNetMatting)
    for pool in matting.pool:
        pool.register_forward_hook(lambda _, __, output: pooled.append(tuple(output.shape[1:])))
    network(random_input(network, 1, 64, 96))
    assert pooled == [(256, 2, 3), (256, 4, 6), (256, 8, 12), (256, 16, 24)]


@torch.no_grad()
def test_chained_residual_pooling_sees_further_with_every_step() -> None:
    """A single 1 with convolutions that change nothing: a pixel at distance d gets one for each step k with d <= 2k."""
    pooling = ChainedResidualPooling(1).eval()
    for layer in pooling.modules():
        if isinstance(layer, nn.Conv2d):
            layer.weight.fill_(1)
    dot = torch.zeros(1, 1, 21, 21)
    dot[..., 10, 10] = 1
    row = pooling(dot)[0, 0, 10, 10:]
    expected = [5, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0]
    torch.testing.assert_close(row, torch.tensor(expected, dtype=torch.float), rtol=1e-4, atol=1e-4)
