"""The network for phones with a trimap: `Mobile` with the trimap as a fourth channel and layers at full resolution.

It looks at a photo in tiles at the photo's own size, so nothing in it depends on a whole tile: `Mobile`'s gate of the
global average is a gate of each cell here. Every weight of `Mobile` has its place, so training starts from the shipped
`mobile`; input channels that `Mobile` does not have start at 0 and the layers at full resolution add 0 at first.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.networks.base import MattingNetwork
from pspm.networks.encoders.mobilenet import MobileNetV2
from pspm.networks.layers.convolution import conv_bias
from pspm.networks.matte import Matte
from pspm.networks.mobile import Context, LightMatDecoder, SharedDecoder
from pspm.networks.trimap import given_logits
from pspm.networks.trimap_based.known_colours import KnownColours


class LocalContext(Context):
    """`Context` with a gate from each cell of its input instead of their average."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.local(x) * self.gate(x).sigmoid()
        for convolve in self.wide:
            x = x + convolve(x)
        return x


class FullResolution(nn.Module):
    """Correct alpha at 1/1 by the pixels and cues there and the feature at 1/2. Adds 0 before it is trained.

    pixels: channels of the picture, the trimap and the cues.
    """

    WIDTH = 16
    HALF = 12

    def __init__(self, pixels: int) -> None:
        super().__init__()
        self.from_half = nn.Conv2d(LightMatDecoder.WIDTH, self.HALF, 1)
        self.first = conv_bias(pixels + 1 + self.HALF, self.WIDTH, 3, activation=nn.ReLU)
        self.second = conv_bias(self.WIDTH, self.WIDTH, 3, activation=nn.ReLU)
        self.correction = nn.Conv2d(self.WIDTH, 1, 3, padding=1)
        for parameter in self.correction.parameters():
            nn.init.zeros_(parameter)

    def forward(self, pixels: Tensor, alpha: Tensor, half: Tensor) -> Tensor:
        half = F.interpolate(self.from_half(half), scale_factor=2, mode="bilinear")
        x = self.first(torch.cat([pixels, alpha, half], 1))
        correction: Tensor = self.correction(self.second(x))
        return alpha + correction


class MobileTrimap(MattingNetwork):
    """RGB in [-1, 1] and a trimap of -1, 0, 1, (N, 4, H, W), to a `Matte` with the given trimap at 1/4.

    Alpha is the trimap's where that is known.
    """

    MULTIPLE = 32
    VIEW_SIDE = 640
    takes_trimap = True
    OVERLAP = 160
    ENLARGE_TO = 1440

    def __init__(self) -> None:
        super().__init__()
        pixels = 4 + KnownColours.CHANNELS
        self.encoder = MobileNetV2(last=6, output_stride=32, conv=conv_bias, channels=4)
        self.seg_decoder = SharedDecoder(LocalContext)
        self.known_colours = KnownColours()
        self.mat_decoder = LightMatDecoder(pixels)
        self.full_resolution = FullResolution(pixels)

    def forward(self, x: Tensor) -> Matte:
        image, trimap = x[:, :3], x[:, 3:]
        smaller = F.avg_pool2d(trimap, 4)
        pixels = torch.cat([x, self.known_colours(image, trimap)], 1)
        features = self.encoder(x)
        half = self.mat_decoder.feature(pixels, self.seg_decoder.feature(features), (smaller + 1) / 2, features[1])
        alpha = self.full_resolution(pixels, self.mat_decoder.predict(half), half)
        known = trimap.abs()
        alpha = alpha * (1 - known) + known * (trimap + 1) / 2
        return Matte(alpha if self.training else alpha.clamp(0, 1), given_logits(smaller))
