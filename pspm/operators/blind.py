"""Blind upsampling: without guidance from the encoder (thesis sec. 3.5.1)."""

from torch import Tensor, nn

from pspm.operators.interface import Operator, Pooled


class Blind(Operator):
    """A module that halves the resolution and one that doubles it, independent of each other."""

    def __init__(self, down: nn.Module, up: nn.Module) -> None:
        super().__init__()
        self.down, self.up = down, up

    def pool(self, x: Tensor) -> Pooled:
        return Pooled(self.down(x), x, None)

    def guide(self, x: Tensor) -> None:
        return None

    def upsample(self, x: Tensor, guidance: None) -> Tensor:
        return self.up(x)


def strided(channels: int) -> nn.Conv2d:
    """Conv/2 of Tables 3.2 and 4.1."""
    return nn.Conv2d(channels, channels, 3, stride=2, padding=1)


def space_to_depth(channels: int) -> nn.Conv2d:
    """S2D, then a 1x1 convolution from 4 C channels to C: together a 2x2 convolution of stride 2."""
    return nn.Conv2d(channels, channels, 2, stride=2)


def deconvolution(channels: int) -> nn.ConvTranspose2d:
    """4x4, so that every output pixel is a sum of four weighted inputs."""
    return nn.ConvTranspose2d(channels, channels, 4, stride=2, padding=1)


def pixel_shuffle(channels: int, kernel: int = 3) -> nn.Sequential:
    """P.S.: a convolution to 4 C channels, then a pixel shuffle."""
    return nn.Sequential(nn.Conv2d(channels, 4 * channels, kernel, padding=kernel // 2), nn.PixelShuffle(2))


def interpolation(mode: str) -> nn.Upsample:
    """Interpolate to twice the resolution. mode: "nearest" or "bilinear"."""
    return nn.Upsample(scale_factor=2, mode=mode)
