"""RMat: trimap-based matting with a transformer encoder and a convolutional branch (thesis ch. 5, Figure 5.3)."""

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor, nn

from pspm.networks.encoders.mit import EPSILON, Grid, MiT, MixFeedForward, ReducedAttention, to_map, to_tokens
from pspm.networks.layers.convolution import conv_bn

WIDTH = 256

Layer = Callable[[int, int], nn.Module]


def conv_layer(inputs: int, outputs: int) -> nn.Module:
    """A decoder layer "Conv" of Table 5.2: a 3x3 convolution."""
    return conv_bn(inputs, outputs, 3, activation=nn.ReLU)


def mlp_layer(inputs: int, outputs: int) -> nn.Module:
    """A decoder layer "MLP": a 1x1 convolution."""
    return conv_bn(inputs, outputs, activation=nn.ReLU)


def mlp_dw_layer(inputs: int, outputs: int) -> nn.Module:
    """A decoder layer "MLPDW": a 1x1 convolution, then a depthwise 3x3."""
    return nn.Sequential(
        conv_bn(inputs, outputs, activation=None), conv_bn(outputs, outputs, 3, groups=outputs, activation=nn.ReLU)
    )


def mlp_skip(channels: int) -> nn.Module:
    """TSkip "MLP": a 1x1 convolution."""
    return nn.Conv2d(channels, WIDTH, 1)


def mlp_conv_skip(channels: int) -> nn.Module:
    """TSkip "MLPConv" as the sizes of B4 and B8 suggest: the MLP, then a 3x3 convolution."""
    return nn.Sequential(mlp_skip(channels), conv_layer(WIDTH, WIDTH))


def conv_skip(channels: int) -> nn.Module:
    """TSkip "MLPConv" as the sizes of B6 and B10 require: a 3x3 convolution instead of the MLP."""
    return conv_layer(channels, WIDTH)


class LSkip(nn.Module):
    """The detail branch: strided convolutions of the input, to 64, 256 and 256 channels at 1/2, 1/4 and 1/8."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.l2 = conv_bn(channels, 64, 3, stride=2, activation=nn.ReLU)
        self.l4 = conv_bn(64, 128, 3, stride=2, activation=nn.ReLU)
        self.l8 = conv_bn(128, WIDTH, 3, stride=2, activation=nn.ReLU)
        self.widen = conv_bn(128, WIDTH, activation=nn.ReLU)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        l2 = self.l2(x)
        l4 = self.l4(l2)
        return l2, self.widen(l4), self.l8(l4)


class LowLevelAssembling(nn.Module):
    """LFA: a transformer block with attention Attn(low, low, d).

    low: the encoder's feature, which gives queries and keys; d: the decoder's feature, which gives the values and is
    refined. Both (N, 256, H, W) with even sides.
    """

    REDUCTION = 2

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH, EPSILON)
        self.attention = ReducedAttention(WIDTH, self.REDUCTION)
        self.norm2 = nn.LayerNorm(WIDTH, EPSILON)
        self.feed_forward = MixFeedForward(WIDTH)

    def forward(self, low: Tensor, d: Tensor) -> Tensor:
        grid = Grid(*d.shape[2:])
        tokens, guide = to_tokens(d), self.norm1(to_tokens(low))
        tokens = tokens + self.attention(guide, guide, self.norm1(tokens), grid)
        return to_map(tokens + self.feed_forward(self.norm2(tokens), grid), grid)


class RMat(nn.Module):
    """RGB and a trimap in [-1, 1], (N, 4, H, W), to alpha, (N, 1, H, W), clamped to [0, 1] in eval mode.

    H and W are multiples of `MULTIPLE`.

    depths: of the encoder, `MIT_B1` (E1) or `MIT_B2` (E2).
    layer: makes a decoder layer from its inputs and outputs.
    tskip: makes the skip connection of an encoder feature from its number of channels.
    lskip: add the detail branch. lfa: refine the decoder's feature at 1/4 by low-level feature assembling.

    Everything but the encoder, which has ImageNet weights in the thesis, starts by Xavier (sec. 5.5.1).
    """

    MULTIPLE = 32

    def __init__(
        self,
        depths: tuple[int, int, int, int],
        layer: Layer,
        tskip: Callable[[int], nn.Module],
        *,
        lskip: bool = True,
        lfa: bool = False,
    ) -> None:
        super().__init__()
        self.encoder = MiT(depths, channels=4)
        self.tskip = nn.ModuleList(tskip(width) for width in MiT.WIDTHS)
        self.lskip = LSkip(channels=4) if lskip else None
        self.d16, self.d8, self.d4 = (layer(WIDTH, WIDTH) for _ in range(3))
        self.lfa = LowLevelAssembling() if lfa else None
        self.d2, self.d1 = layer(WIDTH, 64), layer(64, 32)
        self.prediction = nn.Conv2d(32, 1, 3, padding=1, bias=False)
        for key, layer in self.named_modules():
            if isinstance(layer, nn.Conv2d | nn.Linear) and not key.startswith("encoder."):
                nn.init.xavier_uniform_(layer.weight)

    def forward(self, x: Tensor) -> Tensor:
        f4, f8, f16, f32 = (skip(f) for skip, f in zip(self.tskip, self.encoder(x), strict=True))
        l2 = None
        if self.lskip is not None:
            l2, l4, l8 = self.lskip(x)
            f4, f8 = f4 + l4, f8 + l8
        d = self.d16(_double(f32) + f16)
        d = self.d8(_double(d) + f8)
        d = self.d4(_double(d) + f4)
        if self.lfa is not None:
            d = self.lfa(f4, d)
        d = self.d2(_double(d))
        if l2 is not None:
            d = d + l2
        alpha: Tensor = self.prediction(self.d1(_double(d)))
        return alpha if self.training else alpha.clamp(0, 1)


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="bilinear")
