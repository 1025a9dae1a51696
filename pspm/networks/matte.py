"""What every network returns."""

from typing import NamedTuple

from torch import Tensor


class Matte(NamedTuple):
    """alpha: (N, 1, H, W), clamped to [0, 1] in eval mode; trimap: logits of `TRIMAP_CLASSES`, (N, 3, h, w).

    The thesis's networks give the trimap at the image's own size, `Mobile` at a quarter of it. A network that is told
    the trimap gives that one back.
    """

    alpha: Tensor
    trimap: Tensor
