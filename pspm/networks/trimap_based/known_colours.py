"""Colour cues for trimap-based matting: how far a pixel is from the known colours around it, and the alpha they imply.

The known foreground colours are spread into the unknown region, and so are the known background colours. Where both
are close by, alpha I - B = alpha (F - B) already gives a first alpha (eq. 5.1), which the network then corrects.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Binomial filter that halves the resolution of a picture with even sides.
HALVING = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
# Levels below the picture; colours reach about twice 2^LEVELS pixels far into the unknown region.
LEVELS = 5
# Weight of the coarser estimate beside known pixels, as a share of the area of a pixel.
COARSE_WEIGHT = 1 / 16
# Squared distance of foreground and background colour, in [-1, 1], below which their alpha is vague.
VAGUE = 0.02


class KnownColours(nn.Module):
    """RGB in [-1, 1], (N, 3, H, W), and a trimap, (N, 1, H, W), to `CHANNELS` cues, (N, 9, H, W).

    The cues: the picture minus the foreground's colours, and minus the background's; the alpha that both imply, minus
    1/2; whether any known foreground is in reach, and any known background. H and W are multiples of 2^`LEVELS`.
    """

    CHANNELS = 9

    def __init__(self) -> None:
        super().__init__()
        kernel = torch.outer(HALVING, HALVING)[None, None]
        self.kernel: Tensor
        self.register_buffer("kernel", kernel.repeat(8, 1, 1, 1))

    def forward(self, image: Tensor, trimap: Tensor) -> Tensor:
        foreground, background = trimap.clamp(0, 1), (-trimap).clamp(0, 1)
        # Both layers at once: four channels each, the known colours and where they are known.
        known = torch.cat([image * foreground, foreground, image * background, background], 1)
        spread = self.spread(known)
        f, near_f, b, near_b = spread.split([3, 1, 3, 1], 1)
        from_f, from_b, across = image - f, image - b, f - b
        along = (from_b * across).sum(1, keepdim=True) + VAGUE / 2
        implied = along / (across.square().sum(1, keepdim=True) + VAGUE)
        return torch.cat([from_f, from_b, implied.clamp(0, 1) - 0.5, near_f, near_b], 1)

    def spread(self, known: Tensor) -> Tensor:
        """Fill unknown pixels from coarser and coarser levels of the known ones, (N, 8, H, W) to the same shape."""
        levels = [known]
        for _ in range(LEVELS):
            levels.append(F.conv2d(levels[-1], self.kernel, stride=2, padding=1, groups=8))
        filled = self._fill(levels.pop(), None)
        while levels:
            filled = self._fill(levels.pop(), F.interpolate(filled, scale_factor=2, mode="bilinear"))
        return filled

    def _fill(self, known: Tensor, coarser: Tensor | None) -> Tensor:
        weight_f, weight_b = known[:, 3:4], known[:, 7:8]
        weight = torch.cat([weight_f, weight_f, weight_f, weight_f, weight_b, weight_b, weight_b, weight_b], 1)
        mixed = known if coarser is None else known + COARSE_WEIGHT * coarser
        return mixed / (weight + COARSE_WEIGHT)
