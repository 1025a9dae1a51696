"""The transformer of RMat: attention as in its formula, tokens and maps, sizes."""

import pytest
import torch

from pspm.counting import count
from pspm.networks import Matte, MattingNetwork
from pspm.networks.encoders.mit import MIT_B1, MIT_B2, Grid, MiT, MiTBlock, ReducedAttention, to_map, to_tokens
from pspm.networks.trimap_based.rmat import LowLevelAssembling

GRID = Grid(4, 6)


def described_attention(attention: ReducedAttention, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """softmax(Q K^T / 8) V, head by head."""
    if attention.reduction is not None:
        k, v = (attention.norm(to_tokens(attention.reduction(to_map(x, GRID)))) for x in (k, v))
    q, k, v = attention.q(q), attention.k(k), attention.v(v)
    heads = []
    for head in range(q.shape[2] // 64):
        part = slice(64 * head, 64 * head + 64)
        weights = (q[..., part] @ k[..., part].mT / 8).softmax(2)
        heads.append(weights @ v[..., part])
    return attention.proj(torch.cat(heads, 2))


@pytest.mark.parametrize("reduction", [1, 2])
@torch.no_grad()
def test_attention_is_its_formula(reduction: int) -> None:
    torch.manual_seed(reduction)
    attention = ReducedAttention(128, reduction)
    q, k, v = torch.randn(3, 2, 24, 128)
    assert torch.allclose(attention(q, k, v, GRID), described_attention(attention, q, k, v), atol=1e-5)
    assert torch.allclose(attention(q, k, k, GRID), described_attention(attention, q, k, k), atol=1e-5)


def test_tokens_and_maps_are_each_other() -> None:
    x = torch.arange(2 * 3 * 4 * 6).reshape(2, 3, 4, 6)
    tokens = to_tokens(x)
    assert torch.equal(to_map(tokens, GRID), x)
    assert torch.equal(tokens[:, 6 * 1 + 2], x[:, :, 1, 2])


@torch.no_grad()
def test_the_whole_map_speaks_to_every_token() -> None:
    torch.manual_seed(0)
    block = MiTBlock(64, 2)
    tokens = torch.randn(1, 24, 64)
    other = tokens.clone()
    other[:, -1] = 0
    assert ((block(tokens, GRID) - block(other, GRID)).abs().amax(2) > 0).all()


@torch.no_grad()
def test_lfa_takes_its_weights_from_the_skip_and_its_values_from_the_decoder() -> None:
    torch.manual_seed(0)
    lfa = LowLevelAssembling().eval()
    low, d = torch.randn(2, 1, 256, 4, 6)
    tokens, guide = to_tokens(d), lfa.norm1(to_tokens(low))
    refined = tokens + described_attention(lfa.attention, guide, guide, lfa.norm1(tokens))
    expected = refined + lfa.feed_forward(lfa.norm2(refined), GRID)
    assert torch.allclose(lfa(low, d), to_map(expected, GRID), atol=1e-4)


@pytest.mark.parametrize(("depths", "parameters"), [(MIT_B1, 13_154_560), (MIT_B2, 24_199_424)])
def test_sizes_of_the_encoders_with_four_channels(depths: tuple[int, int, int, int], parameters: int) -> None:
    assert sum(p.numel() for p in MiT(depths, channels=4).parameters()) == parameters


def test_the_size_of_lfa() -> None:
    assert sum(p.numel() for p in LowLevelAssembling().parameters()) == 1_062_912


def test_a_linear_layer_on_tokens_is_counted_for_each_of_them() -> None:
    class OnTokens(MattingNetwork):
        MULTIPLE = 1

        def __init__(self) -> None:
            super().__init__()
            self.linear = torch.nn.Linear(3, 5)

        def forward(self, x: torch.Tensor) -> Matte:
            tokens = self.linear(to_tokens(x))
            return Matte(tokens, tokens)

    assert count(OnTokens(), 8).macs == 3 * 5 * 64
