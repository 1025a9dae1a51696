"""Every operator: shapes, gradients, batches, lowering, and parity in every format."""

import pytest
import torch
from pspm_export.plan.formats import FORMATS
from pspm_export.reports.operator_parity import parity_of
from pspm_export.verification.operator_probe import OperatorProbe, operator_probe
from pspm_export.writers.lowering import lower
from torch import Tensor

from pspm.bn_folding import fold_norms
from pspm.operators import OPERATORS, Operator, operators

pytestmark = pytest.mark.slow

CHANNELS = 6
# A softmax over a kernel of one weight is 1, so these do not learn; see docs/operators.md.
IDLE = {"a2u-hybrid-cw-k1", "a2u-dynamic-cs-k1", "carafe-k1"}
# One of each kind. The others differ in a size or an activation; exporting all takes a quarter of an hour.
KINDS = (
    "max-unpool",
    "bilinear",
    "deconvolution",
    "pixel-shuffle",
    "space-to-depth",
    "carafe",
    "indexnet-hin",
    "indexnet-m2o",
    "a2u-static-cw",
    "a2u-hybrid-cw",
    "a2u-dynamic-cs",
    "a2u-dynamic-cs-d",
    "sapa-i",
    "sapa-g",
)
SAVED = [name if name in KINDS else pytest.param(name, marks=pytest.mark.exhaustive) for name in OPERATORS]


def feature(n: int = 2) -> Tensor:
    return torch.rand(n, CHANNELS, 12, 16, generator=torch.Generator().manual_seed(1)) * 6


@pytest.mark.parametrize("name", OPERATORS)
class TestEveryOperator:
    def test_it_halves_and_doubles_the_resolution(self, name: str) -> None:
        operator = operators(name)(CHANNELS)
        pooled = operator.pool(feature())
        assert pooled.x.shape == (2, CHANNELS, 6, 8)
        assert pooled.skip.shape == (2, CHANNELS, 12, 16)
        assert operator.upsample(pooled.x, pooled.guidance).shape == (2, CHANNELS, 12, 16)

    def test_gradients_flow_to_the_feature_and_to_every_parameter(self, name: str) -> None:
        torch.manual_seed(0)
        operator, x = operators(name)(CHANNELS).train(), feature().requires_grad_()
        pooled = operator.pool(x)
        up = operator.upsample(pooled.x, pooled.guidance)
        (up * torch.rand_like(up)).sum().backward()
        assert x.grad is not None
        assert x.grad.abs().sum() > 0
        without = [key for key, p in operator.named_parameters() if p.grad is None or not p.grad.abs().sum()]
        assert bool(without) == (name in IDLE), without

    @torch.no_grad()
    def test_guidance_alone_is_that_of_pooling(self, name: str) -> None:
        operator, x = operators(name)(CHANNELS).eval(), feature()
        guidance, pooled = operator.guide(x), operator.pool(x)
        if guidance is None:
            assert pooled.guidance is None
        else:
            assert torch.equal(guidance, pooled.guidance)

    @torch.no_grad()
    def test_a_batch_is_the_pictures_one_by_one(self, name: str) -> None:
        operator, x = operators(name)(CHANNELS).eval(), feature(3)

        def both(x: Tensor) -> Tensor:
            pooled = operator.pool(x)
            return torch.cat([operator.upsample(pooled.x, pooled.guidance), pooled.skip], 1)

        assert torch.allclose(both(x), torch.cat([both(picture[None]) for picture in x]), atol=1e-4)

    @torch.no_grad()
    def test_lowering_and_folding_change_nothing(self, name: str) -> None:
        network, image = operator_probe(name), torch.rand(2, 3, 32, 16) * 2 - 1
        lowered = lower(fold_norms(network))
        assert isinstance(lowered, OperatorProbe)
        assert torch.allclose(lowered(image).alpha, network(image).alpha, atol=1e-4)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", SAVED)
def test_a_saved_file_computes_what_torch_computes(name: str, form: str) -> None:
    found = parity_of(name, form)
    assert found.holds("fp32"), found


def test_the_parity_network_is_no_matter_of_the_skip_alone() -> None:
    """Otherwise an operator that upsamples wrongly would pass."""
    network, image = operator_probe("sapa-b"), torch.rand(1, 3, 32, 48) * 2 - 1
    before = network(image).alpha
    assert isinstance(network.operator, Operator)
    network.operator.kernel = 3
    assert (network(image).alpha - before).abs().mean() > 1e-3
