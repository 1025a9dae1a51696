"""DnCNN (Zhang et al., 2017), and the SegNet-like DnCNN of thesis sec. 3.6.2 (Figure 3.9).

Both predict the noise and subtract it. The printed counts decide what the text leaves open: which widths the last eight
layers have, and that the convolutions have biases. That the noise is what the SegNet-like network predicts, too,
follows from its rows with CARAFE, whose PSNR is that of the noisy pictures.
"""

from torch import Tensor, nn

from pspm.networks.layers.vgg import initialise, stage
from pspm.operators import Blind, Maker
from pspm.operators.two_widths import blind_upsampling
from pspm.tasks.networks.segnet_like import SegNetLike

LEVELS = 3


class DnCNN(nn.Module):
    """17 layers of 3x3 convolutions at full resolution.

    Takes noisy grey pictures in [0, 1], (N, 1, H, W) of any size; returns them without noise, not clamped.
    """

    MULTIPLE = 1

    def __init__(self, *, width: int = 64, layers: int = 17) -> None:
        super().__init__()
        within = [
            nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(True))
            for _ in range(layers - 2)
        ]
        self.layers = nn.Sequential(
            nn.Conv2d(1, width, 3, padding=1, bias=False),
            nn.ReLU(inplace=True),
            *within,
            nn.Conv2d(width, 1, 3, padding=1, bias=False),
        )
        initialise(self)

    def forward(self, noisy: Tensor) -> Tensor:
        noise: Tensor = self.layers(noisy)
        return noisy - noise


class DnCNNSegNet(nn.Module):
    """As many layers with three levels of pooling and upsampling: nine of VGG-16, seven to decode, the prediction.

    Takes noisy grey pictures in [0, 1], (N, 1, H, W) with sides that are multiples of `MULTIPLE`; returns them without
    noise, not clamped.

    operator: makes the operator of a level from its number of channels.
    width: of the first layer; the others are 1, 2, 4 or 8 times as wide.
    strides: the last convolution of each stage strides instead of pooling ("DnCNN-conv-carafe"). Raises ValueError for
    an operator that needs the feature in front of its pooling.
    """

    MULTIPLE = 2**LEVELS

    def __init__(self, operator: Maker, *, width: int = 64, strides: bool = False) -> None:
        super().__init__()
        w1, w2, w4, w8 = width, 2 * width, 4 * width, 8 * width
        operators = [operator(w) for w in (w1, w2, w4)]
        if strides:
            operators = [Blind(nn.Identity(), blind_upsampling(each)) for each in operators]
        self.body = SegNetLike(
            operators,
            down=[
                stage(1, w1, w1, strides=strides),
                stage(w1, w2, w2, strides=strides),
                stage(w2, w4, w4, w4, strides=strides),
            ],
            middle=stage(w4, w8, w8, w4),
            up=[stage(w1, w1, w1), stage(w2, w1, w1), stage(w4, w2, w2)],
        )
        self.prediction = nn.Conv2d(w1, 1, 3, padding=1)
        initialise(self)

    def forward(self, noisy: Tensor) -> Tensor:
        noise: Tensor = self.prediction(self.body(noisy))
        return noisy - noise
