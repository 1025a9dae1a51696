"""Random numbers that belong to a sample, wherever in whichever batch it stands.

So a batch can be augmented as a whole, on the device, and a run on two devices still sees what one would have seen.
"""

import torch
from torch import Tensor

SIDES = 96


def throw(seed: int) -> Tensor:
    """A sample's numbers, (`SIDES`,) in [0, 1)."""
    return torch.rand(SIDES, generator=torch.Generator().manual_seed(seed))


class Dice:
    """The numbers of a batch, (N, `SIDES`), handed out one column after the other; seeds: (N,) int64, for noise."""

    def __init__(self, numbers: Tensor, seeds: Tensor) -> None:
        self.numbers, self.seeds, self.used = numbers, seeds, 0

    def uniform(self, low: float, high: float) -> Tensor:
        """(N,) in [low, high)."""
        column = self.numbers[:, self.used]
        self.used += 1
        return low + (high - low) * column

    def chance(self, probability: float) -> Tensor:
        """(N,) bool."""
        return self.uniform(0, 1) < probability

    def noise(self, like: Tensor) -> Tensor:
        """Normal noise for images (N, C, H, W), the same for a sample on every device of a kind."""
        self.used += 1
        noise = torch.empty_like(like)
        for image, seed in zip(noise, self.seeds.tolist(), strict=True):
            generator = torch.Generator(like.device).manual_seed(seed + self.used)
            image.normal_(generator=generator)
        return noise
