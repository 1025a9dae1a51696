"""Pooling and upsampling pairs: the interface, and lowered forms that agree with torch to the last bit."""

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings
from pspm_export.lowering import LOWERED, LoweredMaxPool, lower
from torch import Tensor

from pspm.operators import MaxPool, Operator, Pooled

sizes = st.integers(1, 5).map(lambda n: 2 * n)


@st.composite
def tied_features(draw: st.DrawFn) -> Tensor:
    """Features with heavy ties: few distinct values, among them 0, -0 and the 6 at which ReLU6 saturates."""
    shape = draw(st.tuples(st.integers(1, 3), st.integers(1, 3), sizes, sizes))
    values = torch.tensor(draw(st.sampled_from([[0.0], [6.0], [0.0, -0.0], [0.0, 6.0], [-1.0, 0.0, 0.5, 6.0]])))
    seed = draw(st.integers(0, 2**31))
    return values[torch.randint(len(values), shape, generator=torch.Generator().manual_seed(seed))]


@settings(deadline=None, max_examples=200)
@given(tied_features())
def test_lowered_max_pooling_is_torchs_with_ties(x: Tensor) -> None:
    native, lowered = MaxPool(), LoweredMaxPool()
    expected, found = native.pool(x), lowered.pool(x)
    assert torch.equal(found.x, expected.x)
    y = torch.arange(1.0, expected.x.numel() + 1).reshape(expected.x.shape)
    assert torch.equal(lowered.upsample(y, found.guidance), native.upsample(y, expected.guidance))


@settings(deadline=None, max_examples=50)
@given(tied_features())
def test_a_lowered_mask_marks_one_pixel_of_each_cell(x: Tensor) -> None:
    mask = LoweredMaxPool().pool(x).guidance
    assert mask.mean().item() == 0.25
    assert torch.equal(torch.nn.functional.avg_pool2d(mask, 2), torch.full_like(mask[..., ::2, ::2], 0.25))


@pytest.mark.parametrize("operator", [MaxPool(), LoweredMaxPool()], ids=["torch", "lowered"])
def test_unpooling_after_pooling_keeps_the_maxima_in_place(operator: Operator) -> None:
    x = torch.rand(2, 3, 8, 6)
    pooled = operator.pool(x)
    back = operator.upsample(pooled.x, pooled.guidance)
    assert torch.equal(back[back > 0], x[back > 0])
    assert torch.equal(torch.nn.functional.max_pool2d(back, 2), pooled.x)
    assert torch.equal(pooled.skip, x)


def test_every_operator_has_a_lowered_form() -> None:
    assert {op for op in Operator.__subclasses__() if op.__module__.startswith("pspm.")} <= set(LOWERED)


def test_an_operator_without_a_lowered_form_is_refused_by_name() -> None:
    class Novelty(Operator):
        def pool(self, x: Tensor) -> Pooled:
            return Pooled(x, x, None)

        def upsample(self, x: Tensor, guidance: None) -> Tensor:
            return x

    with pytest.raises(TypeError, match="Novelty"):
        lower(torch.nn.Sequential(Novelty()))
