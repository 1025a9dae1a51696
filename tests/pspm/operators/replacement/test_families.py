"""Every family with an operator of every kind: what is placed, shapes, gradients, and all that has to stay."""

import copy
from typing import Any, NamedTuple

import pytest
import torch
import torch.nn.functional as F
from pspm_runtime.errors import ModelError
from torch import Tensor, nn

from pspm.operators import replace_upsampling
from pspm.operators.replacement.stage import Stage
from tests.pspm.operators.replacement.tiny import TINY, outputs, picture, tiny

KINDS = ("carafe", "indexnet-hin", "indexnet-m2o", "indexnet-modelwise", "a2u-dynamic-cs", "sapa-b", "sapa-i")
BLIND = ("carafe",)
# They need a guide with as many channels as the decoder, which this UNet does not have at any level but one.
EQUAL_CHANNELS = ("indexnet-m2o", "indexnet-modelwise", "sapa-i")


@pytest.fixture(scope="module")
def originals() -> dict[str, tuple[nn.Module, list[Tensor]]]:
    """Every network and what it gives, by family."""
    networks = {family: tiny(family) for family in TINY}
    with torch.no_grad():
        return {family: (network, outputs(network, picture())) for family, network in networks.items()}


class Ran(NamedTuple):
    """The guides of all stages, and the doubled features as if they did not depend on another stage."""

    guides: list[Tensor]
    results: list[Tensor]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Ran:
    ran = Ran([], [])
    checked, upsample = Stage.checked, Stage.upsample

    def check(stage: Stage, x: Tensor, guide: Tensor) -> Tensor:
        ran.guides.append(guide)
        return checked(stage, x, guide)

    def double(stage: Stage, x: Tensor, guidance: Any) -> Tensor:
        ran.results.append(upsample(stage, x.detach(), guidance))
        return upsample(stage, x, guidance)

    monkeypatch.setattr(Stage, "checked", check)
    monkeypatch.setattr(Stage, "upsample", double)
    return ran


@pytest.mark.parametrize("operator", KINDS)
@pytest.mark.parametrize("family", TINY)
def test_an_operator_is_placed_runs_and_learns(originals: dict[str, Any], family: str, operator: str, ran: Ran) -> None:
    original, before = originals[family]
    network = copy.deepcopy(original)
    if family == "unet" and operator in EQUAL_CHANNELS:
        with pytest.raises(ModelError, match=r"decoder\.blocks\.0\.upsampling.* needs a guide of 64 channels"):
            replace_upsampling(network, operator)
        return

    report = replace_upsampling(network, operator)

    _, guided, blind, _ = TINY[family]
    assert len(report.placed) == (blind if operator in BLIND else guided)
    assert all((placed.guide is None) == (operator in BLIND) for placed in report.placed)
    kept = original.state_dict()
    state = network.state_dict()
    assert all(torch.equal(state[key], value) for key, value in kept.items())
    new = {key: p for key, p in network.named_parameters() if key not in kept}
    assert sum(p.numel() for p in new.values()) == report.parameters
    assert bool(new) == (operator != "sapa-i")

    after = outputs(network, picture())

    assert [x.shape for x in after] == [x.shape for x in before]
    assert any(not torch.allclose(x, y) for x, y in zip(after, before, strict=True))
    torch.manual_seed(0)
    sum((x * torch.rand_like(x)).sum() for x in after).backward(retain_graph=True)  # type: ignore[union-attr]
    assert [key for key, p in new.items() if p.grad is None or not p.grad.abs().sum()] == []
    if operator in BLIND or family == "unet-vgg":  # guided by a pooling, see the next test
        return
    assert len(ran.guides) == guided
    doubled = sum((result * torch.rand_like(result)).sum() for result in ran.results)
    assert isinstance(doubled, Tensor)
    for gradient in torch.autograd.grad(doubled, ran.guides):
        assert gradient.abs().sum() > 0


@pytest.mark.parametrize("operator", ["max-unpool", "indexnet-hin", "indexnet-m2o", "a2u-dynamic-cs-d", "sapa-b"])
def test_pooling_and_upsampling_of_a_level_share_an_operator(originals: dict[str, Any], operator: str) -> None:
    original, _ = originals["unet-vgg"]
    network = copy.deepcopy(original)
    report = replace_upsampling(network, operator)
    poolings = [type(m).__name__ for m in network.encoder.features if "Pool" in type(m).__name__]
    # SAPA pools by the maximum as the network does, so the network's pooling stays.
    assert poolings == ["MaxPool2d" if operator == "sapa-b" else "OperatedPooling"] * 5
    assert [placed.guide for placed in report.placed] == [f"encoder.features.{n}" for n in (20, 15, 10, 5, 2)]

    outputs(network, picture())[0].square().sum().backward()

    # The first convolution sees the guidance and the skip; the operators see the guides.
    assert network.encoder.features[0].weight.grad.abs().sum() > 0
    added = [p for key, p in network.named_parameters() if key not in original.state_dict()]
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in added)


def test_max_unpooling_needs_a_pooling(originals: dict[str, Any]) -> None:
    for family in TINY:
        if family != "unet-vgg":
            network = copy.deepcopy(originals[family][0])
            types = [type(m) for m in network.modules()]
            with pytest.raises(ModelError, match=r"'max-unpool' cannot be placed at .*no pooling is paired"):
                replace_upsampling(network, "max-unpool")
            assert [type(m) for m in network.modules()] == types  # nothing half done


@pytest.mark.parametrize("family", [family for family, (_, _, _, by) in TINY.items() if by == "nearest"])
@torch.no_grad()
def test_nearest_instead_of_nearest_changes_nothing(originals: dict[str, Any], family: str) -> None:
    original, before = originals[family]
    network = copy.deepcopy(original)
    report = replace_upsampling(network, "nearest")
    assert {placed.instead_of for placed in report.placed} == {"nearest"}
    assert all(torch.equal(x, y) for x, y in zip(outputs(network, picture()), before, strict=True))


@torch.no_grad()
def test_bilinear_instead_of_bilinear_changes_nothing(originals: dict[str, Any]) -> None:
    original, before = originals["mask2former"]
    network = copy.deepcopy(original)
    assert replace_upsampling(network, "bilinear").placed[0].instead_of == "bilinear"
    assert torch.allclose(outputs(network, picture())[0], before[0], atol=1e-6)


@pytest.mark.parametrize("family", ["segformer", "upernet"])
@torch.no_grad()
def test_doublings_one_by_one_are_at_the_right_levels(
    originals: dict[str, Any], family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """These multiply by 4 and 8 at once. Only by nearest neighbour is that the same as doublings one by one."""
    interpolate = F.interpolate

    def by_nearest(x: Tensor, size: Any = None, scale_factor: Any = None, *_: Any, **options: Any) -> Tensor:
        return interpolate(x, size=size, scale_factor=scale_factor, mode="nearest")

    original = originals[family][0]
    network = copy.deepcopy(original)
    replace_upsampling(network, "nearest")
    different = outputs(network, picture())[0]
    assert not torch.equal(different, originals[family][1][0])
    monkeypatch.setattr(F, "interpolate", by_nearest)
    assert torch.equal(outputs(network, picture())[0], outputs(original, picture())[0])


@torch.no_grad()
def test_copies_and_weights_of_a_network_with_operators(originals: dict[str, Any]) -> None:
    for family in TINY:
        network = copy.deepcopy(originals[family][0])
        replace_upsampling(network, "indexnet-hin")
        again = tiny(family)
        replace_upsampling(again, "indexnet-hin")
        again.load_state_dict(network.state_dict())
        expected = outputs(network, picture())
        for other in (copy.deepcopy(network), again):
            found = outputs(other, picture())
            # Loaded weights may lie elsewhere in memory, which moves the last bit of a sum.
            assert all(torch.allclose(x, y, atol=1e-6) for x, y in zip(found, expected, strict=True)), family


@torch.no_grad()
def test_a_detector_with_an_operator_detects() -> None:
    network = tiny("faster-rcnn")
    replace_upsampling(network, "carafe")
    found = network(list(picture()))
    assert len(found) == 2
    assert found[0]["boxes"].shape[1:] == (4,)
