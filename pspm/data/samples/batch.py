"""A batch of training samples as loaded from disk, before compositing and colour augmentation."""

from typing import NamedTuple

import torch
from torch import Tensor

STANDING = torch.eye(2, 3)


class Batch(NamedTuple):
    """Decoded and cropped images; `augment.render` turns them into what the network sees.

    foreground, background: (N, 3, H, W) uint8 RGB.
    alpha: (N, 1, H, W) uint8.
    trusted: (N, 1, H, W) uint8, 1 where alpha can be trusted, else 0.
    composite: (N,) bool, whether to composite the foreground over the background; if not, it is a whole photo.
    numbers: (N, `sample_rng.COUNT`), random numbers in [0, 1) for the augmentation.
    seed: (N,) int64, the random seed for noise.
    motion: (N, 2, 3) float32, affine: where the pixels (x, y) of the person were in the frame before. Of photos, they
        stand still.
    """

    foreground: Tensor
    background: Tensor
    alpha: Tensor
    trusted: Tensor
    composite: Tensor
    numbers: Tensor
    seed: Tensor
    motion: Tensor = STANDING


def collate(samples: list[Batch]) -> Batch:
    """Stack single samples, whose fields have no N yet, into a batch."""
    return Batch(*(torch.stack(field) for field in zip(*samples, strict=True)))
