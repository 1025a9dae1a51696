"""The Mix Transformer (MiT) of SegFormer: the encoder of RMat (thesis sec. 5.3).

Xie et al., "SegFormer: simple and efficient design for semantic segmentation with transformers" (2021). Blocks work on
tokens, (N, H W, C). Positions come from the overlapping patches and the depthwise convolutions, not from an encoding.
"""

from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

EPSILON = 1e-6
HEAD_WIDTH = 64
MIT_B1 = (2, 2, 2, 2)
MIT_B2 = (3, 4, 6, 3)


class Grid(NamedTuple):
    """Height and width of the feature map that tokens come from."""

    height: int
    width: int


def to_tokens(x: Tensor) -> Tensor:
    """Feature map to tokens: (N, C, H, W) to (N, H W, C), row by row."""
    return x.flatten(2).transpose(1, 2)


def to_map(tokens: Tensor, grid: Grid) -> Tensor:
    """Tokens to feature map: (N, H W, C) to (N, C, H, W)."""
    return tokens.transpose(1, 2).reshape(*tokens.shape[::2], *grid)


class ReducedAttention(nn.Module):
    """Multi-head attention (64 channels a head) with keys and values at 1/`reduction` of the resolution.

    queries, keys, values: (N, H W, C) on one grid with sides that are multiples of `reduction`. Returns (N, H W, C).
    """

    def __init__(self, width: int, reduction: int) -> None:
        super().__init__()
        self.heads = width // HEAD_WIDTH
        self.q = nn.Linear(width, width)
        self.k = nn.Linear(width, width)
        self.v = nn.Linear(width, width)
        self.proj = nn.Linear(width, width)
        self.reduction = nn.Conv2d(width, width, reduction, reduction) if reduction > 1 else None
        self.norm = nn.LayerNorm(width) if reduction > 1 else None

    def forward(self, queries: Tensor, keys: Tensor, values: Tensor, grid: Grid) -> Tensor:
        shared = keys is values
        keys = self._reduce(keys, grid)
        values = keys if shared else self._reduce(values, grid)
        q, k, v = self._split(self.q(queries)), self._split(self.k(keys)), self._split(self.v(values))
        attended = F.scaled_dot_product_attention(q, k, v)
        return self.proj(attended.transpose(1, 2).flatten(2))

    def _reduce(self, tokens: Tensor, grid: Grid) -> Tensor:
        if self.reduction is None or self.norm is None:
            return tokens
        return self.norm(to_tokens(self.reduction(to_map(tokens, grid))))

    def _split(self, tokens: Tensor) -> Tensor:
        """(N, L, C) to (N, heads, L, 64)."""
        return tokens.unflatten(2, (self.heads, HEAD_WIDTH)).transpose(1, 2)


class MixFeedForward(nn.Module):
    """Expand to four times the width, convolve depthwise 3x3, GELU, project back: (N, H W, C) to (N, H W, C)."""

    EXPANSION = 4

    def __init__(self, width: int) -> None:
        super().__init__()
        hidden = width * self.EXPANSION
        self.expand = nn.Linear(width, hidden)
        self.depthwise = nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden)
        self.project = nn.Linear(hidden, width)

    def forward(self, tokens: Tensor, grid: Grid) -> Tensor:
        x = self.depthwise(to_map(self.expand(tokens), grid))
        return self.project(F.gelu(to_tokens(x)))


class MiTBlock(nn.Module):
    """Attention, then feed-forward, each with a layer norm before it and a residual connection."""

    def __init__(self, width: int, reduction: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, EPSILON)
        self.attention = ReducedAttention(width, reduction)
        self.norm2 = nn.LayerNorm(width, EPSILON)
        self.feed_forward = MixFeedForward(width)

    def forward(self, tokens: Tensor, grid: Grid) -> Tensor:
        x = self.norm1(tokens)
        tokens = tokens + self.attention(x, x, x, grid)
        return tokens + self.feed_forward(self.norm2(tokens), grid)


class MiTStage(nn.Module):
    """Overlapping patch embedding, then blocks: (N, inputs, H, W) to (N, width, H/stride, W/stride)."""

    def __init__(self, inputs: int, width: int, depth: int, stride: int, reduction: int) -> None:
        super().__init__()
        kernel = 2 * stride - 1
        self.patches = nn.Conv2d(inputs, width, kernel, stride, kernel // 2)
        self.norm_in = nn.LayerNorm(width)
        self.blocks = nn.ModuleList(MiTBlock(width, reduction) for _ in range(depth))
        self.norm_out = nn.LayerNorm(width, EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x)
        grid = Grid(*x.shape[2:])
        tokens = self.norm_in(to_tokens(x))
        for block in self.blocks:
            tokens = block(tokens, grid)
        return to_map(self.norm_out(tokens), grid)


class MiT(nn.Module):
    """(N, channels, H, W) to feature maps of `WIDTHS` channels at 1/4, 1/8, 1/16 and 1/32.

    H and W are multiples of 32. depths: number of blocks of each stage, `MIT_B1` or `MIT_B2`.
    """

    WIDTHS = (64, 128, 320, 512)
    STRIDES = (4, 2, 2, 2)
    REDUCTIONS = (8, 4, 2, 1)

    def __init__(self, depths: tuple[int, int, int, int], channels: int) -> None:
        super().__init__()
        inputs = (channels, *self.WIDTHS[:-1])
        self.stages = nn.ModuleList(
            MiTStage(*stage) for stage in zip(inputs, self.WIDTHS, depths, self.STRIDES, self.REDUCTIONS, strict=True)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        features = []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features
