"""Trimap-based matting as a `MattingNetwork`, with a given trimap or with none: A1, A2, A2+ of thesis sec. 6.5.5."""

from torch import Tensor

from pspm.networks.base import MattingNetwork
from pspm.networks.matte import Matte
from pspm.networks.trimap import append_trimap, given_logits
from pspm.networks.trimap_based.a2u import A2UMatting
from pspm.networks.trimap_based.deep_image_matting import DeepImageMatting
from pspm.networks.trimap_based.deeplab_matting import DeepLabMatting
from pspm.networks.trimap_based.indexnet import IndexNetMatting
from pspm.networks.trimap_based.refinenet_matting import RefineNetMatting
from pspm.networks.trimap_based.rmat import RMat

Matting = IndexNetMatting | DeepLabMatting | RefineNetMatting | DeepImageMatting | A2UMatting | RMat


class GivenTrimap(MattingNetwork):
    """RGB in [-1, 1] and a trimap of -1, 0, 1, (N, 4, H, W), to a `Matte` whose trimap is the given one.

    A1 where `matting` is IndexNet matting.
    """

    takes_trimap = True

    def __init__(self, matting: Matting) -> None:
        super().__init__()
        self.matting = matting
        self.MULTIPLE = matting.MULTIPLE

    def forward(self, x: Tensor) -> Matte:
        return Matte(self.matting(x), given_logits(x[:, 3:]))


class UnknownTrimap(GivenTrimap):
    """A2, A2+: RGB in [-1, 1], (N, 3, H, W), to a `Matte`. A1 inside, with a trimap that is unknown everywhere.

    A2 has A1's weights unchanged, A2+ is fine-tuned.
    """

    takes_trimap = False

    def forward(self, image: Tensor) -> Matte:
        return super().forward(append_trimap(image))
