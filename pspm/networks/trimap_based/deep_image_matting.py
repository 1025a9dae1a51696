"""Deep Image Matting (Xu et al., 2017) without its refinement stage: B3 of thesis Table 3.3, and B4 without indices.

With VGG-16's batch norms, and none in the decoder, it has the printed 130.55M parameters and 32.34 GFLOPs.
"""

from torch import Tensor, nn

from pspm.networks.encoders.vgg_pooled import CONTEXT_CHANNELS, VGG_CHANNELS, PooledVGG16
from pspm.networks.layers.vgg import initialise
from pspm.operators import Maker


class DeepImageMatting(nn.Module):
    """RGB and a trimap in [-1, 1], (N, 4, H, W), to alpha, (N, 1, H, W), clamped to [0, 1] in eval mode.

    H and W are multiples of `MULTIPLE`. A SegNet whose decoder has one 5x5 convolution a level.

    operator: makes the pooling and upsampling operator of a level from its number of channels.
    """

    MULTIPLE = 32
    WIDTHS = (64, 64, 128, 256, 512)  # of d0..d4

    def __init__(self, operator: Maker) -> None:
        super().__init__()
        self.encoder = PooledVGG16([operator(channels) for channels in VGG_CHANNELS], channels=4)
        self.narrow = nn.Sequential(nn.Conv2d(CONTEXT_CHANNELS, VGG_CHANNELS[-1], 1), nn.ReLU(inplace=True))
        self.d = nn.ModuleList(
            nn.Sequential(nn.Conv2d(inputs, width, 5, padding=2), nn.ReLU(inplace=True))
            for inputs, width in zip(VGG_CHANNELS, self.WIDTHS, strict=True)
        )
        self.prediction = nn.Conv2d(self.WIDTHS[0], 1, 5, padding=2)
        initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        context, guidance = self.encoder(x)
        d = self.narrow(context)
        for level in reversed(range(len(self.d))):
            d = self.d[level](self.encoder.operator(level).upsample(d, guidance[level]))
        alpha: Tensor = self.prediction(d)
        return alpha if self.training else alpha.clamp(0, 1)
