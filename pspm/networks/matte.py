"""The output of every network."""

from typing import NamedTuple

from torch import Tensor


class Matte(NamedTuple):
    """An alpha matte and a trimap.

    alpha: (N, 1, H, W), clamped to [0, 1] in eval mode.
    trimap: logits of `TRIMAP_CLASSES`, (N, 3, h, w): at the image's resolution, or at 1/4 of it for `Mobile`. A network
    that takes a trimap returns that one.
    """

    alpha: Tensor
    trimap: Tensor
