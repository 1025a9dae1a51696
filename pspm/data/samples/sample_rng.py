"""Per-sample random numbers, independent of the batch and of the position in it.

So a batch can be augmented as a whole, on the device, and a run on two devices sees the same samples as a run on one.
"""

import torch
from torch import Tensor

COUNT = 96


def draw_numbers(seed: int) -> Tensor:
    """Draw the random numbers of one sample: (`COUNT`,) in [0, 1)."""
    return torch.rand(COUNT, generator=torch.Generator().manual_seed(seed))


class SampleRng:
    """Random number generator of a batch: uses up its numbers column by column.

    numbers: (N, `COUNT`) from `draw_numbers`; seeds: (N,) int64, for noise.
    """

    def __init__(self, numbers: Tensor, seeds: Tensor) -> None:
        self.numbers, self.seeds, self.used = numbers, seeds, 0

    def uniform(self, low: float, high: float) -> Tensor:
        """Draw one number in [low, high) for each sample, (N,)."""
        column = self.numbers[:, self.used]
        self.used += 1
        return low + (high - low) * column

    def chance(self, probability: float) -> Tensor:
        """Draw True with a probability for each sample, (N,) bool."""
        return self.uniform(0, 1) < probability

    def noise(self, like: Tensor) -> Tensor:
        """Draw normal noise of the shape of `like`, (N, C, H, W); a sample's noise is the same on devices of a kind."""
        self.used += 1
        noise = torch.empty_like(like)
        for image, seed in zip(noise, self.seeds.tolist(), strict=True):
            generator = torch.Generator(like.device).manual_seed(seed + self.used)
            image.normal_(generator=generator)
        return noise
