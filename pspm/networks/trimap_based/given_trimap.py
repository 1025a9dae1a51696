"""Trimap-based matting with a given trimap, and without one: A1, A2 and A2+ of thesis sec. 6.5.5."""

import torch
from torch import Tensor, nn

from pspm.networks.matte import Matte
from pspm.networks.trimap_based.a2u import A2UMatting
from pspm.networks.trimap_based.indexnet import IndexNetMatting
from pspm.networks.trimap_based.rmat import RMat

CERTAINTY = 10.0


def given_logits(trimap: Tensor) -> Tensor:
    """A trimap of background -1, unknown 0, foreground 1 as logits, (N, 1, H, W) -> (N, 3, H, W)."""
    classes = trimap.new_tensor([-1, 0, 1])[:, None, None]
    return -CERTAINTY * (trimap - classes).square()


class GivenTrimap(nn.Module):
    """RGB in [-1, 1] and a trimap of background -1, unknown 0, foreground 1, (N, 4, H, W), to a `Matte`.

    The matte's trimap is the given one. A1 where `matting` is IndexNet matting.
    """

    CHANNELS = 4

    def __init__(self, matting: IndexNetMatting | A2UMatting | RMat) -> None:
        super().__init__()
        self.matting = matting
        self.MULTIPLE = matting.MULTIPLE

    def forward(self, x: Tensor) -> Matte:
        return Matte(self.matting(x), given_logits(x[:, 3:]))


class UnknownTrimap(GivenTrimap):
    """A2, A2+: RGB in [-1, 1], (N, 3, H, W), to a `Matte`; for A1 within, all of the picture is unknown.

    A2 is A1's weights as they are, A2+ is trained on.
    """

    CHANNELS = 3

    def forward(self, image: Tensor) -> Matte:
        return super().forward(torch.cat([image, torch.zeros_like(image[:, :1])], 1))
