"""Atrous spatial pyramid pooling (ASPP), with plain or depthwise dilated convolutions."""

import torch
from torch import Tensor, nn

from pspm.networks.layers.convolution import conv_bn

WIDTH = 256


class ASPP(nn.Module):
    """1x1, three dilated 3x3 and the global average, fused: (N, inputs, H, W) to (N, outputs, H, W).

    dilations: of the three 3x3 convolutions. depthwise: they are depthwise, with a 1x1 behind each (thesis ch. 3 and
    4); otherwise plain, as in DeepLabV3+. width: channels of each of the five.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        dilations: tuple[int, int, int],
        *,
        depthwise: bool = False,
        activation: type[nn.Module] = nn.ReLU,
        dropout: float = 0.5,
        width: int = WIDTH,
    ) -> None:
        super().__init__()

        def dilated(dilation: int) -> nn.Sequential:
            if not depthwise:
                return conv_bn(inputs, width, 3, dilation=dilation, activation=activation)
            return nn.Sequential(
                conv_bn(inputs, inputs, 3, dilation=dilation, groups=inputs, activation=activation),
                conv_bn(inputs, width, activation=activation),
            )

        self.local = conv_bn(inputs, width, activation=activation)
        self.atrous = nn.ModuleList(dilated(dilation) for dilation in dilations)
        self.image = conv_bn(inputs, width, activation=activation)
        self.fuse = conv_bn(width * (2 + len(dilations)), outputs, activation=activation)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        average = self.image(x.mean((2, 3), keepdim=True)).expand(-1, -1, *x.shape[2:])
        branches = [self.local(x), *(branch(x) for branch in self.atrous), average]
        return self.dropout(self.fuse(torch.cat(branches, 1)))
