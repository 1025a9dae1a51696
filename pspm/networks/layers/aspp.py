"""Atrous spatial pyramid pooling whose dilated convolutions are depthwise (thesis ch. 3 and 4)."""

import torch
from torch import Tensor, nn

from pspm.networks.layers.convolution import conv_bn


class DepthwiseASPP(nn.Module):
    """1x1, three depthwise dilated 3x3 and the global average, 256 channels each, fused to `outputs` channels."""

    WIDTH = 256

    def __init__(
        self,
        inputs: int,
        outputs: int,
        dilations: tuple[int, int, int],
        activation: type[nn.Module] = nn.ReLU6,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.local = conv_bn(inputs, self.WIDTH, activation=activation)
        self.atrous = nn.ModuleList(
            nn.Sequential(
                conv_bn(inputs, inputs, 3, dilation=d, groups=inputs, activation=activation),
                conv_bn(inputs, self.WIDTH, activation=activation),
            )
            for d in dilations
        )
        self.image = conv_bn(inputs, self.WIDTH, activation=activation)
        self.fuse = conv_bn(self.WIDTH * (2 + len(dilations)), outputs, activation=activation)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        pooled = self.image(x.mean((2, 3), keepdim=True))
        branches = [self.local(x), *(branch(x) for branch in self.atrous), pooled.expand(-1, -1, *x.shape[2:])]
        return self.dropout(self.fuse(torch.cat(branches, 1)))
