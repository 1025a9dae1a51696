"""The tasks' networks with every operator: shapes, gradients, what the operator changes, and errors."""

import pytest
import torch

from pspm.counting import count
from pspm.operators import OPERATORS, MaxPool
from pspm.tasks.networks import TASK_NETWORKS, build
from pspm.tasks.networks.bts import Plane
from pspm.tasks.networks.resnet50 import ResNet50
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


# Of the networks with ResNet-50, which no test can narrow.
RESNETS = [("bts-r50", "carafe"), ("bts-r50", "sapa-b"), ("hu-r50", "bilinear"), ("hu-r50", "indexnet-hin")]
MORE = [
    (name, operator)
    for name in ("bts-r50", "hu-r50")
    for operator in ("nearest", "indexnet-hin", "a2u-dynamic-cs", "sapa-b", "sapa-g", "carafe", "pixel-shuffle")
    if (name, operator) not in RESNETS
]


@pytest.mark.parametrize(
    ("name", "operator"), [*RESNETS, *(pytest.param(*row, marks=pytest.mark.exhaustive) for row in MORE)]
)
def test_networks_with_resnet_train(name, operator):
    """One depth for each pixel, and a gradient for every weight."""
    network, x = narrow(name, operator).train(), picture(name)
    y = network(torch.cat([x, x.flip(3)]))
    assert y.shape == (2, 1, 32, 32)
    y.square().mean().backward()
    assert [path for path, weight in network.named_parameters() if weight.grad is None] == []


def test_weights_of_torchvision_fit_the_encoder():
    """`ResNet50` names the command: every weight of the encoder is torchvision's, of the same shape."""
    from torchvision.models import resnet50

    with torch.device("meta"):
        own, theirs = ResNet50().state_dict(), resnet50().state_dict()
    assert {key: value.shape for key, value in own.items()} == {key: theirs[key].shape for key in own}
    assert {key.split(".")[0] for key in theirs.keys() - own.keys()} == {"fc"}


def test_bts_gives_depths_up_to_the_largest():
    network = narrow("bts-r50").eval()
    depth = network(picture("bts-r50"))
    assert depth.min() >= 0
    assert depth.max() <= 10


def test_a_local_plane_is_a_plane():
    """Its inverse depth is linear in u and v, and in the middle of a cell it is cos(theta) over the distance."""
    torch.manual_seed(0)
    plane, x = Plane(16, 16, 4), torch.randn(1, 16, 1, 1)
    inverse = 1 / plane(x)[0, 0]
    across, down = inverse.diff(dim=1), inverse.diff(dim=0)
    assert torch.allclose(across, across[:1, :1].expand_as(across), atol=1e-5)
    assert torch.allclose(down, down[:1, :1].expand_as(down), atol=1e-5)
    theta, _, distance = plane.reduce(x).flatten()
    assert torch.allclose(inverse.mean(), (theta * torch.pi / 3).cos() / distance, atol=1e-5)


def test_the_fusion_of_hu_uses_maps_that_serve_any_width():
    """Different index maps change the fusion with a holistic operator; with SAPA, the fusion is bilinear."""
    for operator, guided in (("indexnet-hin", True), ("sapa-b", False)):
        network = narrow("hu-r50", operator).eval()
        x = torch.rand(1, 2048, 1, 1)
        shapes = [(1, 1, side, side) for side in (2, 4, 8, 16)]
        found = [network._to_half(x, 0, [torch.full(shape, value) for shape in shapes]) for value in (0.25, 0.75)]
        assert torch.equal(*found) != guided


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
        ("bts-r50", "indexnet-m2o", "bts-r50 does not work with indexnet-m2o: IndexNet cannot pass from 1024 channels"),
        ("bts-r50", "a2u-dynamic-cs-d", "it pools in its own way, and this encoder strides; choose indexnet-hin"),
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
