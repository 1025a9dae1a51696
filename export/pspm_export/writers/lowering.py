"""Lowering: replace operators by layers that every format has. No other file does so."""

import copy
import itertools
from collections.abc import Callable
from typing import Any, TypeVar

import torch
import torch.nn.functional as F
from pspm_runtime.errors import ModelError
from torch import Tensor, nn

from pspm.networks import MattingNetwork
from pspm.operators import A2U, SAPA, Blind, HolisticMaxPool, IndexNet, MaxPool, Operator, Pooled

Module = TypeVar("Module", bound=nn.Module)


class LoweredMaxPool(Operator):
    """Max pooling and unpooling without indices: the guidance is a mask with a single 1 in every 2x2 cell.

    The result is exactly torch's, also for ties: of equal maxima, the first one in reading order has the highest rank.
    """

    def pool(self, x: Tensor) -> Pooled:
        pooled = F.max_pool2d(x, 2)
        candidates = (x == _nearest(pooled)).to(x.dtype) * _ranks(x)
        mask = (candidates == _nearest(F.max_pool2d(candidates, 2))).to(x.dtype)
        return Pooled(pooled, x, mask)

    def upsample(self, x: Tensor, guidance: Tensor) -> Tensor:
        return _nearest(x) * guidance


def lowered_blind(operator: Blind) -> Blind:
    """Replace a deconvolution by a convolution and a pixel shuffle."""
    return Blind(operator.down, _folded(operator.up)) if isinstance(operator.up, nn.ConvTranspose2d) else operator


@torch.no_grad()
def _folded(deconvolution: nn.ConvTranspose2d) -> nn.Sequential:
    """Output 2 i + a of a 4x4 deconvolution with padding 1 sees input i + d - 1 through weight 2 (1 - d) + a + 1."""
    inputs, outputs = deconvolution.weight.shape[:2]
    convolution = nn.Conv2d(inputs, 4 * outputs, 3, padding=1)
    positions = convolution.weight.view(outputs, 2, 2, inputs, 3, 3).zero_()
    for (a, dy), (b, dx) in itertools.product(itertools.product(range(2), range(3)), repeat=2):
        y, x = 2 * (1 - dy) + a + 1, 2 * (1 - dx) + b + 1
        if y in range(4) and x in range(4):
            positions[:, a, b, :, dy, dx] = deconvolution.weight[:, :, y, x].T
    convolution.bias.copy_(deconvolution.bias.repeat_interleave(4))  # type: ignore[union-attr]
    return nn.Sequential(convolution, nn.PixelShuffle(2))


LOWERED: dict[type[Operator], Callable[[Any], Operator]] = {
    MaxPool: lambda operator: LoweredMaxPool(),
    # These consist of primitives, or of operators that are lowered themselves.
    HolisticMaxPool: lambda operator: operator,
    IndexNet: lambda operator: operator,
    A2U: lambda operator: operator,
    SAPA: lambda operator: operator,
    Blind: lowered_blind,
}


def lower(network: Module) -> Module:
    """Copy a network in eval mode with its operators lowered and its weights unchanged.

    Raises ModelError for an operator that has no lowered form.
    """
    lowered = copy.deepcopy(network).eval()
    for parent in list(lowered.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, Operator):
                if type(child) not in LOWERED:
                    raise ModelError(f"the operator {type(child).__name__} has no lowered form; add one to LOWERED")
                setattr(parent, name, LOWERED[type(child)](child))
    return lowered


def _ranks(x: Tensor) -> Tensor:
    """Ranks 4 3 over 2 1 in every 2x2 cell of the size of x, (1, 1, H, W)."""
    h, w = x.shape[2] // 2, x.shape[3] // 2
    if all(isinstance(side, int) for side in x.shape[2:]):  # of a known size, without tiling, which XNNPACK lacks
        rows, columns = x.new_tensor([2.0, 0.0] * h), x.new_tensor([2.0, 1.0] * w)
        return rows[None, None, :, None] + columns
    return x.new_tensor([[4.0, 3.0], [2.0, 1.0]]).repeat(1, 1, h, w)


def _nearest(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="nearest")


class AlphaOnly(nn.Module):
    """The part of a network that apps need: its alpha in [0, 1], without the predicted trimap that training uses."""

    def __init__(self, network: MattingNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor, trimap: Tensor | None = None) -> Tensor:
        alpha: Tensor = self.network(image if trimap is None else self.network.given(image, trimap)).alpha
        return alpha
