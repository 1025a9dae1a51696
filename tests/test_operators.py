"""Pooling and upsampling pairs: the interface, and lowered forms that agree with torch to the last bit."""

import itertools

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings
from pspm_export.lowering import LOWERED, LoweredMaxPool, lower
from pspm_runtime import ModelError
from torch import Tensor

from pspm.operators import IndexNet, MaxPool, Operator, Pooled, many_to_one

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

    with pytest.raises(ModelError, match="Novelty"):
        lower(torch.nn.Sequential(Novelty()))


def settled_index(channels: int) -> IndexNet:
    """An M2O operator whose normalisations have the statistics of some feature."""
    torch.manual_seed(channels)
    operator = many_to_one(channels)
    with torch.no_grad():
        for _ in range(20):
            operator.pool(torch.rand(4, channels, 16, 16) * 6)
    return operator.eval()


def described_index(operator: IndexNet, x: Tensor) -> tuple[Tensor, Tensor]:
    """y and z position by position, (N, C, H, W), as the thesis describes them (sec. 3.4 and Figure 3.7)."""
    y, z = torch.empty_like(x), torch.empty_like(x)
    padded = torch.nn.functional.pad(x, (1, 1, 1, 1))
    for n, i, j in itertools.product(range(x.shape[0]), range(x.shape[2] // 2), range(x.shape[3] // 2)):
        window = padded[n, :, 2 * i : 2 * i + 4, 2 * j : 2 * j + 4]
        cell = []
        for wide, norm, _, narrow in operator.index.columns:
            hidden = (wide.weight * window).sum((1, 2, 3))
            hidden = (hidden - norm.running_mean) / (norm.running_var + norm.eps).sqrt() * norm.weight + norm.bias
            cell.append(1 / (1 + (-(narrow.weight[:, :, 0, 0] @ hidden.clamp(min=0))).exp()))
        shares = [index.exp() / sum(other.exp() for other in cell) for index in cell]
        for position, (di, dj) in enumerate(itertools.product(range(2), range(2))):
            y[n, :, 2 * i + di, 2 * j + dj] = cell[position]
            z[n, :, 2 * i + di, 2 * j + dj] = shares[position]
    return y, z


@torch.no_grad()
def test_indexed_pooling_and_upsampling_are_what_the_thesis_describes() -> None:
    operator, x = settled_index(5), torch.rand(2, 5, 4, 6) * 6
    y, z = described_index(operator, x)
    pooled = operator.pool(x)
    cells = (z * x).unfold(2, 2, 2).unfold(3, 2, 2)
    assert torch.allclose(pooled.x, cells.sum((4, 5)), atol=1e-5)
    assert torch.allclose(pooled.skip, z * x, atol=1e-5)
    d = torch.rand(2, 5, 2, 3)
    assert torch.allclose(operator.upsample(d, pooled.guidance), y * torch.kron(d, torch.ones(2, 2)), atol=1e-5)


@torch.no_grad()
def test_indexed_pooling_keeps_a_constant_and_shares_each_cell_out() -> None:
    operator = settled_index(6)
    pooled = operator.pool(torch.full((2, 6, 8, 10), 3.0))
    assert pooled.x.shape == (2, 6, 4, 5)
    assert torch.allclose(pooled.x, torch.full_like(pooled.x, 3))
    shares = pooled.skip / 3
    assert shares.min() > 0
    assert torch.allclose(4 * torch.nn.functional.avg_pool2d(shares, 2), torch.ones(2, 6, 4, 5))


@torch.no_grad()
def test_one_index_map_may_serve_all_channels() -> None:
    operator = IndexNet(torch.nn.Sequential(torch.nn.Conv2d(6, 4, 2, stride=2), torch.nn.Unflatten(1, (1, 4))))
    x = torch.rand(2, 6, 8, 10)
    pooled = operator.pool(x)
    assert pooled.guidance.shape == (2, 1, 8, 10)
    assert operator.upsample(pooled.x, pooled.guidance).shape == pooled.skip.shape == x.shape
