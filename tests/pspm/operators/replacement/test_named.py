"""Networks of one's own, by the paths of their modules."""

import copy

import pytest
import torch
from pspm_runtime.errors import ModelError
from torch import Tensor, nn

from pspm.operators import A2U, MaxPool, replace_upsampling


class SmallSegNet(nn.Module):
    """Two poolings, two unpoolings by their indices."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 6, 3, padding=1), nn.Conv2d(6, 6, 3, padding=1)
        self.pool1, self.pool2 = (nn.MaxPool2d(2, return_indices=True) for _ in range(2))
        self.up1, self.up2 = (nn.MaxUnpool2d(2) for _ in range(2))
        self.last = nn.Conv2d(6, 1, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x, first = self.pool1(self.conv1(x).relu())
        x, second = self.pool2(self.conv2(x).relu())
        return self.last(self.up1(self.up2(x, second), first))


class Strided(nn.Module):
    """Two convolutions of stride 2, and back by one interpolation. `factor` multiplies it."""

    def __init__(self, factor: float = 4, channels: int = 6) -> None:
        super().__init__()
        self.full, self.second = nn.Conv2d(3, 6, 3, padding=1), nn.Conv2d(6, 4, 3, 2, 1)
        self.quarter = nn.Conv2d(4, channels, 3, 2, 1)
        self.up = nn.Upsample(scale_factor=factor)
        self.after = nn.Conv2d(channels, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.after(self.up(self.quarter(self.second(self.full(x).relu()).relu())))


PAIRS = {"up1": "pool1", "up2": "pool2"}
SPLIT = {"up": ("second", "full")}


def picture(size: int = 16) -> Tensor:
    return torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def test_unpooling_by_the_operator_is_that_of_torch() -> None:
    network = SmallSegNet()
    operated = copy.deepcopy(network)
    report = replace_upsampling(operated, "max-unpool", pairs=PAIRS, example=picture())
    assert [(p.path, p.guide, p.channels, p.instead_of) for p in report.placed] == [
        ("up1.stages.0", "pool1", 6, "MaxUnpool2d"),
        ("up2.stages.0", "pool2", 6, "MaxUnpool2d"),
    ]
    assert sum(isinstance(m, MaxPool) for m in operated.modules()) == 2  # one for each pair, in both places
    assert torch.equal(operated(picture()), network(picture()))
    assert operated.training  # as before


@pytest.mark.parametrize("operator", ["indexnet-hin", "indexnet-m2o", "a2u-dynamic-cs-d", "sapa-i", "sapa-b", "carafe"])
def test_every_kind_learns_in_a_network_with_poolings(operator: str) -> None:
    torch.manual_seed(0)
    network = SmallSegNet()
    kept = set(network.state_dict())
    report = replace_upsampling(network, operator, pairs=PAIRS, example=picture())
    network(picture()).square().sum().backward()
    new = {key: p for key, p in network.named_parameters() if key not in kept}
    assert sum(p.numel() for p in new.values()) == report.parameters
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())
    assert network.conv1.weight.grad is not None


@pytest.mark.parametrize("operator", ["sapa-b", "indexnet-hin", "a2u-dynamic-cs", "carafe"])
def test_four_times_is_two_doublings_with_a_guide_each(operator: str) -> None:
    network = Strided()
    report = replace_upsampling(network, operator, pairs=SPLIT, example=picture())
    guides = [("second", 4), ("full", 6)] if operator != "carafe" else [(None, None)] * 2
    assert [(p.guide, p.guide_channels) for p in report.placed] == guides
    assert network(picture()).shape == (2, 1, 16, 16)
    network(picture()).square().sum().backward()
    assert network.full.weight.grad is not None


def test_guides_of_other_channels_reach_the_kernels() -> None:
    network = Strided()
    replace_upsampling(network, "a2u-dynamic-cs", pairs=SPLIT, example=picture())
    a2us = [m for m in network.modules() if isinstance(m, A2U)]
    assert [a2u.u.generate[0].in_channels for a2u in a2us] == [4, 6]  # type: ignore[union-attr, index]
    changed = copy.deepcopy(network)
    with torch.no_grad():
        before = network(picture())
        for p in changed.full.parameters():
            p.zero_()
        assert not torch.equal(changed(picture()), before)


@torch.no_grad()
def test_two_nearest_doublings_are_one_by_four() -> None:
    network = Strided()
    before = network(picture())
    assert len(replace_upsampling(network, "nearest", pairs={"up": None}, example=picture()).placed) == 2
    assert torch.equal(network(picture()), before)


@torch.no_grad()
def test_the_guide_of_one_forward_is_not_that_of_the_next() -> None:
    network = Strided()
    replace_upsampling(network, "sapa-b", pairs=SPLIT, example=picture())
    copied = copy.deepcopy(network)
    network(picture())
    assert torch.equal(copied(picture(32)), network(picture(32)))
    with pytest.raises(ModelError, match="second has to run before"):
        network.up(torch.rand(2, 6, 4, 4))


@pytest.mark.parametrize(
    ("network", "operator", "pairs", "message"),
    [
        (Strided(), "sapa-b", {}, "pairs names no upsampling"),
        (Strided(), "sapa-b", {"down": "second"}, "the network has no module 'down'"),
        (Strided(), "sapa-b", {"": "second"}, "the network has no module ''"),
        (Strided(), "sapa-b", {"up": ("second", "no")}, "the network has no module 'no'"),
        (Strided(), "sapa-b", {"up": "second"}, "up multiplies the size by 4, so it becomes 2 doublings"),
        (Strided(), "sapa-b", {"up": None}, "takes as many guides, the coarsest first, not 0"),
        (Strided(), "sapa-b", {"up": ("full", "second")}, "full gives 16 x 16, but doubling 1 of up needs .* 8 x 8"),
        (Strided(), "sapa-b", {"second": "full"}, "second turns 16 x 16 into 8 x 8"),
        (Strided(3), "sapa-b", {"up": "second"}, "4 x 4 into 12 x 12; an operator doubles"),
        (Strided(2), "sapa-b", {"up": "after"}, "after runs after up"),
        (Strided(), "sapa-i", SPLIT, "it needs a guide of 6 channels, and this one has 4"),
        (Strided(), "indexnet-m2o", SPLIT, "'indexnet-m2o' cannot be placed at up.stages.0: it needs a guide of 6"),
        (Strided(), "max-unpool", SPLIT, "it pools in its own way, and no pooling is paired"),
        (Strided(), "strided-carafe", SPLIT, "it pools in its own way, and no pooling is paired"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_changes(
    network: nn.Module, operator: str, pairs: dict[str, str | None], message: str
) -> None:
    before = {name: type(m) for name, m in network.named_modules()}
    with pytest.raises(ModelError, match=message):
        replace_upsampling(network, operator, pairs=pairs, example=picture())
    assert {name: type(m) for name, m in network.named_modules()} == before
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in network.modules())


def test_a_pooling_serves_one_upsampling() -> None:
    network = SmallSegNet()
    with pytest.raises(ModelError, match="pool1 gives 16 x 16, but doubling 1 of up2"):
        replace_upsampling(network, "max-unpool", pairs=PAIRS | {"up2": "pool1"}, example=picture())


def test_an_example_is_needed_and_modules_that_run_once() -> None:
    with pytest.raises(ModelError, match="pairs needs an example"):
        replace_upsampling(Strided(), "nearest", pairs={"up": None})
    with pytest.raises(ModelError, match=r"does not take the example: .*expected input.* to have 3 channels"):
        replace_upsampling(Strided(), "nearest", pairs={"up": None}, example=torch.rand(1, 4, 16, 16))
    twice = nn.Sequential(up := nn.Upsample(scale_factor=2), up)
    with pytest.raises(ModelError, match="0 runs more than once"):
        replace_upsampling(twice, "nearest", pairs={"0": None}, example=picture())
