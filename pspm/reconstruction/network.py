"""The toy autoencoder: detail can pass only through the operators, because there are no skips."""

from torch import Tensor, nn

from pspm.networks.layers.convolution import conv_bn
from pspm.operators import Maker, Operator

WIDTHS = (16, 32, 64)


class Reconstruction(nn.Module):
    """Reconstruct grey patches, (N, 1, H, W) with sides that are multiples of 8, from 1/8 of their resolution.

    Three convolutions, each with a pooling, then three upsamplings, each with a convolution, as in SegNet. The thesis's
    appendix gives the training but not the widths; these are ours.
    """

    def __init__(self, operator: Maker) -> None:
        super().__init__()
        inputs = (1, *WIDTHS[:-1])
        self.encoder = nn.ModuleList(conv(i, width) for i, width in zip(inputs, WIDTHS, strict=True))
        self.operators = nn.ModuleList(operator(width) for width in WIDTHS)
        self.bottom = conv(WIDTHS[-1], WIDTHS[-1])
        self.decoder = nn.ModuleList(conv(width, i) for i, width in zip(inputs[1:], WIDTHS[1:], strict=True))
        self.prediction = nn.Conv2d(WIDTHS[0], 1, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.prediction(self.upsampled(x))

    def upsampled(self, x: Tensor) -> Tensor:
        """The output of the last upsampling, (N, 16, H, W)."""
        guidance = []
        for convolve, level in zip(self.encoder, self.operators, strict=True):
            assert isinstance(level, Operator)
            pooled = level.pool(convolve(x))
            x = pooled.x
            guidance.append(pooled.guidance)
        x = self.bottom(x)
        for i in reversed(range(len(WIDTHS))):
            level = self.operators[i]
            assert isinstance(level, Operator)
            x = level.upsample(x, guidance[i])
            if i:
                x = self.decoder[i - 1](x)
        return x


def conv(inputs: int, outputs: int) -> nn.Sequential:
    """3x3 convolution, batch norm, ReLU."""
    return conv_bn(inputs, outputs, 3, activation=nn.ReLU)
