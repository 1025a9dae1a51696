"""The tasks' networks with every operator: shapes, gradients, what the operator changes, and errors."""

import pytest
import torch

from pspm.counting import count
from pspm.operators import OPERATORS, MaxPool
from pspm.tasks.networks import TASK_NETWORKS, build
from pspm.tasks.networks.segnet_like import SegNetLike
from tests.pspm.tasks.narrow_networks import narrow, picture

OPERATED = ["dncnn-segnet", "segnet", "fastdepth", "fastdepth-p"]
KINDS = ["max-unpool", "nearest", "carafe", "indexnet-hin", "indexnet-m2o", "a2u-dynamic-cs-d", "sapa-b", "sapa-i"]
OUTPUTS = {"segmentation": 3, "denoising": 1, "depth": 1}


@pytest.mark.parametrize("name", OPERATED)
@pytest.mark.parametrize(
    "operator", [pytest.param(o, marks=() if o in KINDS else pytest.mark.exhaustive) for o in OPERATORS]
)
def test_every_operator_trains(name, operator):
    """One output for each pixel, and a gradient for every weight."""
    network, x = narrow(name, operator).train(), picture(name, 64)
    y = network(torch.cat([x, x.flip(3)]))
    assert y.shape == (2, OUTPUTS[TASK_NETWORKS[name].task], 64, 64)
    y.square().mean().backward()
    without = [path for path, weight in network.named_parameters() if weight.grad is None]
    assert without == []


def test_strides_take_an_operator_without_guidance_alone():
    network = narrow("dncnn-segnet-strides", "carafe")
    assert network(picture("dncnn")).shape == (1, 1, 32, 32)
    with pytest.raises(ValueError, match="without guidance"):
        build("dncnn-segnet-strides", "max-unpool")


@pytest.mark.parametrize("name", ["dncnn", "dncnn-segnet"])
def test_denoising_subtracts_a_noise(name):
    """With a prediction of 0, the picture comes back."""
    network = narrow(name).eval()
    last = [layer for layer in network.modules() if isinstance(layer, torch.nn.Conv2d)][-1]
    for weight in last.parameters():
        torch.nn.init.zeros_(weight)
    x = picture(name)
    assert torch.equal(network(x), x)


def test_a_segnet_like_network_unpools_to_where_it_pooled():
    """Between layers that do nothing, the largest value of each 4x4 block comes back to its place; others are zero."""
    same = [torch.nn.Identity(), torch.nn.Identity()]
    x = picture("segnet", 8)
    y = SegNetLike([MaxPool(), MaxPool()], same, same)(x)
    largest = torch.nn.functional.max_pool2d(x, 4).repeat_interleave(4, 2).repeat_interleave(4, 3)
    assert torch.equal(y, torch.where(x == largest, x, 0.0))


def test_fastdepth_upsamples_behind_the_convolution_if_the_operator_can():
    assert narrow("fastdepth", "nearest").behind == [True] * 5
    assert narrow("fastdepth", "indexnet-hin").behind == [True] * 5
    # 16 and 12 channels, 12 and 8, 8 and 8, 8 and 6, 4 and 4.
    assert narrow("fastdepth", "indexnet-m2o").behind == [False, False, True, False, True]


def test_fastdepth_strides_without_guidance_and_pools_with_it():
    assert not narrow("fastdepth", "carafe").encoder.pools
    assert narrow("fastdepth-p", "carafe").encoder.pools
    assert narrow("fastdepth", "indexnet-hin").encoder.pools


@pytest.mark.parametrize(
    ("name", "operator", "message"),
    [
        ("segent", None, "no network named 'segent'; the networks of the tasks are dncnn, "),
        ("segnet", "sappa", "no operator named 'sappa'; the operators are max-unpool, "),
        ("segnet+sappa", None, "no operator named 'sappa'"),
        ("dncnn", "nearest", "dncnn has no upsampling, so it takes no operator; those that do are dncnn-segnet, "),
        ("fastdepth-pruned", "max-unpool", "fastdepth-pruned does not work with max-unpool: MaxPool cannot pass from"),
    ],
)
def test_a_wrong_name_is_one_clear_sentence(name, operator, message):
    with pytest.raises(ValueError) as caught:
        build(name, operator)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_odd_side_names_the_nearest_that_fits():
    entry = TASK_NETWORKS["segnet"]
    entry.check_size(224, 320)
    with pytest.raises(ValueError, match=r"a side of 225 is not a multiple of 32, .* nearest is 224"):
        entry.check_size(224, 225)
    with pytest.raises(ValueError, match="nearest is 32"):
        entry.check_size(8, 32)


def test_the_pruned_network_is_as_small_as_published():
    """Its authors print 0.37 billion multiply-adds, in the README of github.com/dwofk/fast-depth."""
    with torch.device("meta"):
        pruned = count(build("fastdepth-pruned")).macs
    assert round(pruned / 1e9, 2) == 0.37
