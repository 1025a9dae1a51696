"""Mattes moved along the person's motion, as they are between two frames of a clip."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

# How wrong an estimated motion is: deviations in pixels, and of a turn and a scale.
OFF, TURNED = 0.7, 0.003
# Share of the frames whose motion is not found at all.
LOST = 0.1


def moved(matte: Tensor, motion: Tensor) -> Tensor:
    """Mattes moved: each pixel gets the value at the place that its motion leads to; the edge goes on outside.

    matte: (N, 1, H, W). motion: (N, 2, 3), affine, from pixels (x, y) to pixels.
    """
    height, width = matte.shape[2:]
    ranges = [torch.arange(side, dtype=matte.dtype, device=matte.device) for side in (height, width)]
    y, x = torch.meshgrid(*ranges, indexing="ij")
    places = torch.stack([x, y, torch.ones_like(x)], -1) @ motion[:, None].mT
    last = torch.tensor([max(1, width - 1), max(1, height - 1)], device=matte.device)
    return F.grid_sample(matte, 2 * places / last - 1, padding_mode="border", align_corners=True)


def estimated(motion: Tensor, seeds: Tensor, side: int) -> Tensor:
    """Motions as a runtime estimates them: near the true ones, or none at all.

    motion: the true ones, (N, 2, 3), of pictures with a side of so many pixels; seeds: (N,) int64. Returns (N, 2, 3).
    """
    return torch.stack([_estimated(each, seed, side) for each, seed in zip(motion, seeds.tolist(), strict=True)])


def _estimated(motion: Tensor, seed: int, side: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    if float(torch.rand((), generator=generator)) < LOST:
        return torch.eye(2, 3)
    across, down, turn, scale = (
        torch.randn(4, generator=generator) * torch.tensor([OFF, OFF, TURNED, TURNED])
    ).tolist()
    middle = (side - 1) / 2
    cos, sin = (1 + scale) * math.cos(turn), (1 + scale) * math.sin(turn)
    wrong = torch.tensor(
        [
            [cos, -sin, middle - cos * middle + sin * middle + across],
            [sin, cos, middle - sin * middle - cos * middle + down],
            [0, 0, 1],
        ]
    )
    return motion @ wrong
