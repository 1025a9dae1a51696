"""Operators: the interface, and lowered forms that agree with torch bit for bit."""

import itertools
from collections.abc import Callable

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings
from pspm_export.writers.lowering import LOWERED, LoweredMaxPool, lower
from pspm_runtime import ModelError
from torch import Tensor
from torch.nn import Conv2d

from pspm.operators import HolisticMaxPool, IndexNet, MaxPool, Operator, Pooled, many_to_one, operators

Transform = Callable[[Tensor], Tensor]

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
    """An M2O operator whose batch norms have seen random features."""
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


# Table 3.4: parameters that each index network adds to B11, batch norms included. Its five levels have 312 channels.
LEVELS = (32, 24, 32, 64, 160)
INDEX_PARAMETERS = {
    "indexnet-hin-linear": 4_992,
    "indexnet-hin-nonlinear": 262_304,
    "indexnet-hin": 1_037_984,
    "indexnet-modelwise-linear": 16,
    "indexnet-modelwise-nonlinear": 56,
    "indexnet-modelwise": 152,
    "indexnet-shared-linear": 80,
    "indexnet-shared-nonlinear": 280,
    "indexnet-shared": 760,
    "indexnet-unshared-linear": 4_992,
    "indexnet-unshared-nonlinear": 17_472,
    "indexnet-unshared": 47_424,
    "indexnet-m2o-linear": 517_120,
    "indexnet-m2o-nonlinear": 1_297_792,
    "indexnet-m2o": 4_400_512,
}


def parameters_of(name: str, channels: tuple[int, ...]) -> int:
    """The number of parameters of the operators of one network with these levels."""
    maker = operators(name)
    levels = torch.nn.ModuleList(maker(c) for c in channels)
    return sum(p.numel() for p in levels.parameters())


@pytest.mark.parametrize("name", INDEX_PARAMETERS)
def test_index_networks_add_the_parameters_of_table_3_4(name: str) -> None:
    assert parameters_of(name, LEVELS) == INDEX_PARAMETERS[name]


def test_index_networks_have_the_parameters_of_table_3_1() -> None:
    """Without batch norms, K = 2. For an unshared 1x1 convolution the table prints 2C x C but means 2C."""
    c, k = 10, 2
    table = {
        "hin": (k * k * c * 4, k * k * c * 2 * c + 2 * c * 4, 4 * k * k * c * 2 * c + 2 * c * 4),
        "modelwise": (k * k * 4, (k * k * 2 + 2) * 4, (4 * k * k * 2 + 2) * 4),
        "shared": (k * k * 4, (k * k * 2 + 2) * 4, (4 * k * k * 2 + 2) * 4),
        "unshared": (k * k * c * 4, (k * k * 2 * c + 2 * c) * 4, (4 * k * k * 2 * c + 2 * c) * 4),
        "m2o": (k * k * c * c * 4, (k * k * c * 2 * c + 2 * c * c) * 4, (4 * k * k * c * 2 * c + 2 * c * c) * 4),
    }
    for family, expected in table.items():
        for ending, number in zip(("-linear", "-nonlinear", ""), expected, strict=True):
            convolutions = [m for m in operators(f"indexnet-{family}{ending}")(c).modules() if isinstance(m, Conv2d)]
            assert sum(m.weight.numel() for m in convolutions) == number, (family, ending)


def test_a_modelwise_index_is_one_for_all_levels_of_a_network_and_another_for_the_next() -> None:
    maker, other = operators("indexnet-modelwise"), operators("indexnet-modelwise")
    assert maker(8).index is maker(16).index
    assert maker(8).index is not other(8).index
    lowered = lower(torch.nn.ModuleList([maker(8), maker(16)]))
    assert lowered[0].index is lowered[1].index


@torch.no_grad()
@pytest.mark.parametrize("name", ["indexnet-modelwise", "indexnet-shared", "indexnet-unshared"])
def test_a_one_to_one_index_looks_at_its_own_channel_only(name: str) -> None:
    operator, x = operators(name)(4).eval(), torch.rand(1, 4, 8, 8)
    y = operator.guide(x)
    x[:, 2] += 1
    changed = (operator.guide(x) != y).flatten(2).any(2)[0]
    assert changed.tolist() == [False, False, True, False]


@torch.no_grad()
def test_a_shared_index_treats_channels_alike() -> None:
    operator, x = operators("indexnet-shared")(4).eval(), torch.rand(1, 4, 8, 8)
    order = [2, 0, 3, 1]
    assert torch.allclose(operator.guide(x[:, order]), operator.guide(x)[:, order])


@torch.no_grad()
@pytest.mark.parametrize(
    ("name", "decoder", "encoder"),
    [
        ("indexnet-m2o-sigmoid", torch.sigmoid, torch.sigmoid),
        ("indexnet-m2o-softmax", lambda t: t.softmax(2), lambda t: t.softmax(2)),
        ("indexnet-m2o-softmax-sigmoid", lambda t: t.softmax(2), lambda t: t.softmax(2).sigmoid()),
        ("indexnet-m2o", torch.sigmoid, lambda t: t.sigmoid().softmax(2)),
    ],
)
def test_the_normalisations_of_table_3_5(name: str, decoder: Transform, encoder: Transform) -> None:
    operator, x = operators(name)(3).eval(), torch.rand(1, 3, 8, 8)
    logits = operator.index(x)
    pooled = operator.pool(x)

    def spread(cells: Tensor) -> Tensor:
        return torch.nn.functional.pixel_shuffle(cells.flatten(1, 2), 2)

    assert torch.allclose(pooled.guidance, spread(decoder(logits)))
    assert torch.allclose(operator.guide(x), pooled.guidance)
    assert torch.allclose(pooled.skip, spread(encoder(logits)) * x)


@torch.no_grad()
def test_holistic_max_pooling_takes_all_channels_from_one_place() -> None:
    x = torch.rand(2, 3, 6, 4)
    operator = HolisticMaxPool()
    pooled = operator.pool(x)
    assert pooled.guidance.shape == (2, 1, 6, 4)
    kept = (operator.upsample(pooled.x, pooled.guidance) != 0).float()
    assert torch.equal(kept, pooled.guidance.expand_as(x))
    assert torch.equal(pooled.x.amax(1), torch.nn.functional.max_pool2d(x.amax(1), 2))


def test_an_unknown_operator_is_answered_with_the_valid_ones() -> None:
    with pytest.raises(ValueError, match=r"'fold'.*max-unpool, .*indexnet-m2o"):
        operators("fold")
