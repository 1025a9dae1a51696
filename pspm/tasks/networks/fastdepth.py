"""FastDepth (Wofk et al., 2019): depth on phones, with MobileNet and NNConv5 (thesis sec. 3.6.4, Figure 3.12).

NNConv5 is a 5x5 convolution, here depthwise separable, and an upsampling, nearest neighbour in the paper. An upsampled
feature is added to the encoder's feature of its size at 1/2, 1/4 and 1/8.

A guided operator replaces strides by its pooling and nearest neighbour by its upsampling. The guidance has the width of
the encoder's strided layer, twice that of the feature behind NNConv5's convolution. Operators that cannot pass from one
to the other upsample in front of the convolution, where both are equal. The thesis does not say how it solves this; see
docs/tasks.md for what its counts tell.
"""

from typing import NamedTuple

from torch import Tensor, nn

from pspm.operators import Blind, Maker, Operator
from pspm.operators.two_widths import DifferentWidthsError, across, blind_upsampling
from pspm.tasks.networks.mobilenet_v1 import STRIDED, MobileNetV1, Widths, depthwise_separable

FULL = Widths((32, 64, 128, 128, 256, 256, *[512] * 6, 1024, 1024), (512, 256, 128, 64, 32))
# Channels that NetAdapt kept. They are the shapes of the layers that the authors tuned for the CPU of a Jetson TX2:
# tvm_compile/tuning/tx2-cpu.mobilenet-nnconv5dw-skipadd-pruned.trials=1000.stop=250.log of github.com/dwofk/fast-depth.
PRUNED = Widths(
    (16, 56, 88, 120, 144, 256, 408, 376, 272, 288, 296, 328, 480, 512),
    (200, 256, 120, 56, 16),
)


class FastDepth(nn.Module):
    """Depth of each pixel in metres.

    Takes RGB in [-1, 1], (N, 3, H, W) with sides that are multiples of `MULTIPLE`; returns (N, 1, H, W), at least 0.

    operator: makes the operator of a level from its number of channels.
    pools: the encoder pools with the operator and does not stride ("FastDepth-P"); always so for guided operators.
    widths: `FULL`, or `PRUNED`, whose strided layers fit no operator that needs equal widths: it raises ValueError.
    """

    MULTIPLE = 2 ** len(STRIDED)

    def __init__(self, operator: Maker, *, pools: bool = False, widths: Widths = FULL) -> None:
        super().__init__()
        inputs = (widths.encoder[-1], *widths.decoder[:-1])
        guiding = [widths.encoder[i] for i in reversed(STRIDED)]
        placed = [_place(operator, *level) for level in zip(guiding, inputs, widths.decoder, strict=True)]
        operators = [level.operator for level in placed]
        pools = pools or not all(isinstance(each, Blind) for each in operators)
        if not pools:
            operators = [Blind(nn.Identity(), blind_upsampling(each)) for each in operators]
        self.behind = [level.behind for level in placed]
        self.encoder = MobileNetV1(widths.encoder, list(reversed(operators)), pools=pools)
        self.decode = nn.ModuleList(
            depthwise_separable(*layer, kernel=5) for layer in zip(inputs, widths.decoder, strict=True)
        )
        self.prediction = nn.Sequential(
            nn.Conv2d(widths.decoder[-1], 1, 1, bias=False), nn.BatchNorm2d(1), nn.ReLU(inplace=True)
        )

    def forward(self, image: Tensor) -> Tensor:
        features = self.encoder(image)
        x = features.x
        for layer, behind, level in zip(self.decode, self.behind, reversed(range(len(STRIDED))), strict=True):
            operator, guidance = self.encoder.operator(level), features.guidance[level]
            x = operator.upsample(layer(x), guidance) if behind else layer(operator.upsample(x, guidance))
            if 1 <= level <= len(features.skips):
                x = x + features.skips[level - 1]
        depth: Tensor = self.prediction(x)
        return depth


class _Placed(NamedTuple):
    operator: Operator
    behind: bool


def _place(operator: Maker, guiding: int, inputs: int, outputs: int) -> _Placed:
    """Behind the convolution if the operator can, otherwise in front of it."""
    try:
        return _Placed(across(operator, guiding, outputs), behind=True)
    except DifferentWidthsError:
        return _Placed(across(operator, guiding, inputs), behind=False)
