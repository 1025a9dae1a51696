"""A2U matting: a U-Net on ResNet-34 with any upsampling operator (thesis ch. 4, Figure 4.3)."""

from torch import Tensor, nn

from pspm.networks.encoders.resnet import WIDTHS, BasicBlock, PooledResNet34, ResNet34
from pspm.networks.layers.aspp import ASPP
from pspm.networks.layers.convolution import conv_bn
from pspm.operators import Maker, Operator


class A2UMatting(nn.Module):
    """RGB and a trimap in [-1, 1], (N, 4, H, W), to alpha, (N, 1, H, W), clamped to [0, 1] in eval mode.

    operator: makes the operator of a level (1/1, 1/2, 1/4, 1/8) from its number of channels. Its guidance comes from
    the shortcut that the decoder adds at that level.
    paired: the operators also pool in the encoder, and their guidance comes from there ("-d").
    """

    MULTIPLE = 16
    SHORTCUTS = ((4, 64), (64, 64), (64, 128), (128, 256))  # channels in the encoder and in the decoder, by level
    DECODER = (32, 64, 64, 128)  # output channels of the decoder, by level

    def __init__(self, operator: Maker, *, paired: bool = False) -> None:
        super().__init__()
        operators = [operator(width) for _, width in self.SHORTCUTS]
        self.encoder = PooledResNet34(4, operators) if paired else ResNet34(4)
        self.operators = nn.ModuleList([] if paired else operators)
        self.aspp = ASPP(WIDTHS[-1], WIDTHS[-1], (6, 12, 18), depthwise=True, activation=nn.LeakyReLU, dropout=0)
        self.shortcuts = nn.ModuleList(
            conv_bn(inputs, width, 3, activation=nn.LeakyReLU) for inputs, width in self.SHORTCUTS
        )
        self.d = nn.ModuleList(
            nn.Sequential(BasicBlock(width, outputs), BasicBlock(outputs, outputs))
            for (_, width), outputs in zip(self.SHORTCUTS, self.DECODER, strict=True)
        )
        self.prediction = nn.Sequential(
            conv_bn(self.DECODER[0], 1, 3, activation=nn.LeakyReLU), nn.Conv2d(1, 1, 3, padding=1, bias=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        features = self.encoder(x)
        shortcuts = [shortcut(f) for shortcut, f in zip(self.shortcuts, (x, *features.l[:3]), strict=True)]
        d = self.aspp(features.l[3])
        for level in reversed(range(len(self.d))):
            operator, shortcut = self.operator(level), shortcuts[level]
            guidance = features.guidance[level] if features.guidance else operator.guide(shortcut)
            d = self.d[level](operator.upsample(d, guidance) + shortcut)
        alpha: Tensor = self.prediction(d)
        return alpha if self.training else alpha.clamp(0, 1)

    def operator(self, level: int) -> Operator:
        """The operator between a level and the one below it."""
        if isinstance(self.encoder, PooledResNet34):
            return self.encoder.operator(level)
        operator = self.operators[level]
        assert isinstance(operator, Operator)
        return operator
