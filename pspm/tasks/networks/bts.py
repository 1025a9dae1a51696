"""BTS (Lee et al., 2019): "from big to small" on ResNet-50, with local planar guidance (SAPA, Table 4).

The upsampling in front of each of the decoder's convolutions is an operator, guided by the encoder's feature of the new
size. As in the SAPA paper, the last one stays nearest neighbour: no feature of the encoder has full resolution.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.operators import Maker, Operator
from pspm.operators.two_widths import upsampling_across
from pspm.tasks.networks.resnet50 import DEPTHS, WIDTHS, ResNet50

# Of the decoder's features at 1/32, 1/16, 1/8, 1/4, 1/2 and 1/1.
DECODER = (WIDTHS[-1], 512, 256, 128, 64, 32)
DILATIONS = (3, 6, 12, 18, 24)
NYU_DEPTH = 10.0  # metres
EPSILON = 1.1e-5


class BTS(nn.Module):
    """Depth of each pixel in metres.

    Takes RGB in [-1, 1], (N, 3, H, W) with sides that are multiples of `MULTIPLE`; returns (N, 1, H, W) in
    [0, max_depth].

    operator: makes the operator of a level from its number of channels. Raises ValueError for one that needs its own
    pooling, or as many channels in the decoder as in the encoder. depths: see `ResNet50`.
    """

    MULTIPLE = 32

    def __init__(
        self, operator: Maker, *, max_depth: float = NYU_DEPTH, depths: tuple[int, int, int, int] = DEPTHS
    ) -> None:
        super().__init__()
        x, at16, at8, at4, at2, at1 = DECODER
        half, quarter, eighth, sixteenth, _ = WIDTHS
        self.max_depth = max_depth
        self.encoder = ResNet50(depths)
        self.up16, self.up8 = Up(operator, sixteenth, x, at16), Up(operator, eighth, at16, at8)
        self.conv16, self.conv8 = conv_elu(at16 + sixteenth, at16), conv_elu(at8 + eighth, at8)
        self.norm8 = nn.BatchNorm2d(at8, eps=EPSILON)
        self.aspp = DenseASPP(at8, at8 + eighth, at4)
        self.plane8 = Plane(at4, at4, 8)
        # The feature behind the ASPP is at 1/8 already and has the width of 1/4.
        self.up4, self.up2 = Up(operator, quarter, at4, at4), Up(operator, half, at4, at2)
        self.conv4, self.conv2 = conv_elu(at4 + quarter + 1, at4), conv_elu(at2 + half + 1, at2)
        self.plane4, self.plane2 = Plane(at4, at4 // 2, 4), Plane(at2, at2 // 2, 2)
        self.up1 = conv_elu(at2, at1)
        self.reduce1 = nn.Sequential(*narrowing(at1, at1 // 2), nn.Conv2d(8, 1, 1, bias=False), nn.Sigmoid())
        self.conv1 = conv_elu(at1 + 4, at1)
        self.prediction = nn.Sequential(nn.Conv2d(at1, 1, 3, padding=1, bias=False), nn.Sigmoid())

    def forward(self, image: Tensor) -> Tensor:
        encoded = self.encoder(image)
        x = self.conv16(torch.cat([self.up16(encoded.last, encoded.sixteenth), encoded.sixteenth], 1))
        both = torch.cat([self.up8(x, encoded.eighth), encoded.eighth], 1)
        x = self.aspp(self.norm8(self.conv8(both)), both)
        depth8 = self.plane8(x)
        x = self.conv4(torch.cat([self.up4(x, encoded.quarter), encoded.quarter, depth8[:, :, ::4, ::4]], 1))
        depth4 = self.plane4(x)
        x = self.conv2(torch.cat([self.up2(x, encoded.half), encoded.half, depth4[:, :, ::2, ::2]], 1))
        depth2 = self.plane2(x)
        x = self.up1(F.interpolate(x, scale_factor=2, mode="nearest"))
        x = self.conv1(torch.cat([x, self.reduce1(x), depth2, depth4, depth8], 1))
        depth: Tensor = self.max_depth * self.prediction(x)
        return depth


class Up(nn.Module):
    """Upsample x, guided by the encoder's feature, then convolve: (N, inputs, h, w) to (N, outputs, 2h, 2w)."""

    def __init__(self, operator: Maker, guiding: int, inputs: int, outputs: int) -> None:
        super().__init__()
        self.operator: Operator = upsampling_across(operator, guiding, inputs)
        self.conv = conv_elu(inputs, outputs)
        self.norm = nn.BatchNorm2d(outputs, eps=EPSILON)

    def forward(self, x: Tensor, encoded: Tensor) -> Tensor:
        return self.norm(self.conv(self.operator.upsample(x, self.operator.guide(encoded))))


class DenseASPP(nn.Module):
    """Dilated convolutions, each of which sees the outputs of all before it.

    inputs: channels of x, which the first and the last layer see; both: of the feature that x was made from, which the
    others see.
    """

    def __init__(self, inputs: int, both: int, width: int) -> None:
        super().__init__()
        layers, seen = [], inputs
        for i, dilation in enumerate(DILATIONS):
            layers.append(
                nn.Sequential(
                    nn.BatchNorm2d(seen, eps=EPSILON) if i else nn.Identity(),
                    nn.ReLU(),
                    nn.Conv2d(seen, 2 * width, 1, bias=False),
                    nn.BatchNorm2d(2 * width),
                    nn.ReLU(),
                    nn.Conv2d(2 * width, width, 3, padding=dilation, dilation=dilation, bias=False),
                )
            )
            seen = both + (i + 1) * width
        self.layers = nn.ModuleList(layers)
        self.fuse = conv_elu(inputs + len(DILATIONS) * width, width)

    def forward(self, x: Tensor, both: Tensor) -> Tensor:
        outputs: list[Tensor] = []
        for layer in self.layers:
            outputs.append(layer(torch.cat([both, *outputs], 1) if outputs else x))
        fused: Tensor = self.fuse(torch.cat([x, *outputs], 1))
        return fused


class Plane(nn.Module):
    """Local planar guidance: a plane for each cell of size x size pixels, and its depth at each of them.

    (N, inputs, h, w) to depths in [0, 1] of the largest, (N, 1, size h, size w). The plane is a unit normal n, by two
    angles, and a distance d; the ray of the pixel at (u, v) from the middle of its cell meets it at
    d / (n1 u + n2 v + n3).
    """

    def __init__(self, inputs: int, outputs: int, size: int) -> None:
        super().__init__()
        self.size = size
        self.reduce = nn.Sequential(*narrowing(inputs, outputs), nn.Conv2d(8, 3, 1, bias=False), nn.Sigmoid())
        offsets = (torch.arange(size) - (size - 1) / 2) / size
        v, u = torch.meshgrid(offsets, offsets, indexing="ij")
        self.register_buffer("u", u.reshape(1, -1, 1, 1), persistent=False)
        self.register_buffer("v", v.reshape(1, -1, 1, 1), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        theta, phi, distance = self.reduce(x).split(1, 1)
        theta, phi = theta * (math.pi / 3), phi * (2 * math.pi)
        along = theta.sin() * phi.cos() * self.u + theta.sin() * phi.sin() * self.v + theta.cos()
        return F.pixel_shuffle(distance / along, self.size)


def conv_elu(inputs: int, outputs: int) -> nn.Sequential:
    """A 3x3 convolution without bias, and ELU."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.ELU())


def narrowing(inputs: int, outputs: int) -> list[nn.Module]:
    """1x1 convolutions with ELU, to `outputs` channels and then to half as many each, down to 8."""
    layers: list[nn.Module] = []
    while outputs >= 8:
        layers += [nn.Conv2d(inputs, outputs, 1, bias=False), nn.ELU()]
        inputs, outputs = outputs, outputs // 2
    return layers
