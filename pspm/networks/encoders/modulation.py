"""Feature modulation (FM), thesis sec. 6.5.7."""

import torch
from torch import Tensor, nn

# Half the initial distance of the two logits. Their softmax is 0.98, so that a trained network starts almost unchanged.
OPEN = 2.0


class FeatureModulation(nn.Module):
    """Weigh channels: F_c = m[c] F, (N, C, H, W). m is half of a two-way softmax of squeezed channel averages."""

    def __init__(self, channels: int, reduction: int = 8) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, channels // reduction)
        self.excite = nn.Linear(channels // reduction, 2 * channels)
        with torch.no_grad():
            self.excite.bias[:channels] += OPEN
            self.excite.bias[channels:] -= OPEN

    def forward(self, x: Tensor) -> Tensor:
        n, c = x.shape[:2]
        z = self.excite(self.squeeze(x.mean((2, 3))).relu())
        m = z.view(n, 2, c).softmax(1)[:, 0]
        return x * m[:, :, None, None]
