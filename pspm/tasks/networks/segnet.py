"""SegNet (Badrinarayanan et al., 2017): VGG-16 and its mirror image, with an operator at five levels (sec. 3.6.3).

The printed counts say which layer of a decoder stage narrows the feature: its first one.
"""

from torch import Tensor, nn

from pspm.networks.layers.vgg import initialise, stage
from pspm.operators import Maker
from pspm.tasks.networks.segnet_like import SegNetLike

SUN_RGBD_CLASSES = 37


class SegNet(nn.Module):
    """The 13 convolutions of VGG-16 with batch norm, as many to decode, and the prediction.

    Takes RGB in [-1, 1], (N, 3, H, W) with sides that are multiples of `MULTIPLE`; returns the logits of the classes,
    (N, classes, H, W).

    operator: makes the operator of a level from its number of channels.
    width: of the first layer; the others are 1, 2, 4 or 8 times as wide.
    """

    MULTIPLE = 32

    def __init__(self, operator: Maker, *, classes: int = SUN_RGBD_CLASSES, width: int = 64) -> None:
        super().__init__()
        w1, w2, w4, w8 = width, 2 * width, 4 * width, 8 * width
        self.body = SegNetLike(
            [operator(w) for w in (w1, w2, w4, w8, w8)],
            down=[
                stage(3, w1, w1),
                stage(w1, w2, w2),
                stage(w2, *[w4] * 3),
                stage(w4, *[w8] * 3),
                stage(w8, *[w8] * 3),
            ],
            up=[stage(w1, w1, w1), stage(w2, w1, w1), stage(w4, *[w2] * 3), stage(w8, *[w4] * 3), stage(w8, *[w8] * 3)],
        )
        self.prediction = nn.Conv2d(w1, classes, 3, padding=1)
        initialise(self)

    def forward(self, image: Tensor) -> Tensor:
        logits: Tensor = self.prediction(self.body(image))
        return logits
