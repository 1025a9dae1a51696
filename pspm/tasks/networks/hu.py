"""Hu et al. (2019), "Revisiting single image depth estimation", on ResNet-50 (thesis Table 3.10).

An encoder, a decoder of up-projections, a fusion of the encoder's features at all scales, and a refinement. The thesis
takes the decoder like a feature pyramid and the fusion like UperNet's (Figure 3.10): every upsampling is by 2 and
guided by the encoder's feature of the new size, and the fusion uses the same index maps, one level after another.
"""

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.operators import Maker, Operator
from pspm.operators.two_widths import serves_any_width, upsampling_across
from pspm.tasks.networks.resnet50 import DEPTHS, WIDTHS, ResNet50

# Of the decoder's features in front of each upsampling, from 1/32 to 1/4, and of the one at 1/2.
DECODER = (1024, 512, 256, 128, 64)
FUSED = 16


class Hu(nn.Module):
    """Depth of each pixel in metres.

    Takes RGB in [-1, 1], (N, 3, H, W) with sides that are multiples of `MULTIPLE`; returns (N, 1, H, W). The network
    computes it at 1/2; the last doubling is bilinear.

    operator: makes the operator of a level from its number of channels. The fusion, whose features have other widths,
    uses it if it serves any width and is bilinear otherwise. Raises ValueError for an operator that needs its own
    pooling, or as many channels in the decoder as in the encoder. depths: see `ResNet50`.
    """

    MULTIPLE = 32

    def __init__(self, operator: Maker, *, depths: tuple[int, int, int, int] = DEPTHS) -> None:
        super().__init__()
        self.encoder = ResNet50(depths)
        # From 1/16 to 1/2.
        guiding = list(reversed(WIDTHS[:-1]))
        self.operators = nn.ModuleList(
            upsampling_across(operator, *widths) for widths in zip(guiding, DECODER, strict=False)
        )
        self.narrow = nn.Sequential(nn.Conv2d(WIDTHS[-1], DECODER[0], 1, bias=False), nn.BatchNorm2d(DECODER[0]))
        self.decode = nn.ModuleList(UpProjection(*widths) for widths in itertools.pairwise(DECODER))
        self.fuse = nn.ModuleList(UpProjection(width, FUSED) for width in reversed(WIDTHS[1:]))
        fused = FUSED * len(self.fuse)
        self.fusion = conv_bn_relu(fused, fused)
        both = DECODER[-1] + fused
        self.refine = nn.Sequential(
            conv_bn_relu(both, both), conv_bn_relu(both, both), nn.Conv2d(both, 1, 5, padding=2)
        )

    def forward(self, image: Tensor) -> Tensor:
        encoded = self.encoder(image)
        features = [encoded.last, encoded.sixteenth, encoded.eighth, encoded.quarter]
        guidance = [self.operator(i).guide(x) for i, x in enumerate([*features[1:], encoded.half])]
        x = F.relu(self.narrow(encoded.last))
        for level, project in enumerate(self.decode):
            x = project(self.operator(level).upsample(x, guidance[level]))
        scales = [
            project(self._to_half(feature, level, guidance))
            for level, (project, feature) in enumerate(zip(self.fuse, features, strict=True))
        ]
        depth: Tensor = self.refine(torch.cat([x, self.fusion(torch.cat(scales, 1))], 1))
        return F.interpolate(depth, scale_factor=2, mode="bilinear")

    def _to_half(self, x: Tensor, level: int, guidance: list[Tensor]) -> Tensor:
        """An encoder feature at 1/2."""
        for above in range(level, len(self.operators)):
            operator = self.operator(above)
            if serves_any_width(operator):
                x = operator.upsample(x, guidance[above])
            else:
                x = F.interpolate(x, scale_factor=2, mode="bilinear")
        return x

    def operator(self, level: int) -> Operator:
        """The operator that doubles the resolution, of 1/32 at level 0."""
        operator = self.operators[level]
        assert isinstance(operator, Operator)
        return operator


class UpProjection(nn.Module):
    """Laina et al. (2016), behind the upsampling: two convolutions plus the projection by a third."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = conv_bn_relu(inputs, outputs)
        self.second = nn.Sequential(nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs))
        self.project = nn.Sequential(nn.Conv2d(inputs, outputs, 5, padding=2, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.second(self.first(x)) + self.project(x))


def conv_bn_relu(inputs: int, outputs: int) -> nn.Sequential:
    """A 5x5 convolution without bias, batch norm and ReLU."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 5, padding=2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())
