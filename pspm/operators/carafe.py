"""CARAFE: upsampling kernels from the decoder feature only (Wang et al., 2019)."""

import torch.nn.functional as F
from torch import Tensor, nn

from pspm.operators.assembly import upsample_by


class Carafe(nn.Module):
    """Compress, predict a kernel for every upsampled pixel, assemble: (N, C, H, W) to (N, C, 2H, 2W)."""

    COMPRESSED = 64
    ENCODER = 3

    def __init__(self, channels: int, kernel: int = 5) -> None:
        super().__init__()
        self.kernel = kernel
        self.compress = nn.Conv2d(channels, self.COMPRESSED, 1)
        self.encode = nn.Conv2d(self.COMPRESSED, 4 * kernel**2, self.ENCODER, padding=self.ENCODER // 2)

    def forward(self, x: Tensor) -> Tensor:
        kernels = F.pixel_shuffle(self.encode(self.compress(x)), 2).softmax(1)
        return upsample_by(x, kernels, self.kernel)
