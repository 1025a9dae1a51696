"""Networks of other libraries, which take pictures normalised as for ImageNet."""

from typing import Any

import torch
from torch import Tensor, nn

# Of RGB in [0, 1].
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class ImageNetInput(nn.Module):
    """Passes RGB in [-1, 1], (N, 3, H, W), to a network that takes it with the mean and deviation of ImageNet."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor, **options: Any) -> Any:
        mean, std = (torch.tensor(values, device=image.device)[:, None, None] for values in (MEAN, STD))
        return self.network(((image + 1) / 2 - mean) / std, **options)
