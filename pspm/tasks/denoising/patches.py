"""Training patches and noisy test pictures."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor

# Sec. 3.6.2.1.
SCALES = (1.0, 0.9, 0.8, 0.7)
STRIDE = 10
LEVELS = 255


class NoisyPatch(NamedTuple):
    """Grey patches with noise and without it, (1, H, W) in [0, 1]; a batch has (N, 1, H, W). Noise may exceed it."""

    noisy: Tensor
    clean: Tensor


class PatchSet:
    """All patches of some pictures at four scales, 10 pixels apart, turned and mirrored at random, with new noise.

    pictures: (H, W) uint8. side: of a patch. sigma: of the noise, of 255 levels. Raises ValueError if every picture is
    smaller than a patch.
    """

    def __init__(self, pictures: Sequence[np.ndarray], side: int, sigma: int) -> None:
        self.side, self.sigma = side, sigma
        self.pictures = [
            cv2.resize(p, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC) if scale < 1 else p
            for p in pictures
            for scale in SCALES
            if min(p.shape) * scale >= side
        ]
        if not self.pictures:
            raise ValueError(
                f"every training picture is smaller than a patch of {side} x {side} pixels; use larger ones"
            )
        self.columns = [(p.shape[1] - side) // STRIDE + 1 for p in self.pictures]
        counts = [((p.shape[0] - side) // STRIDE + 1) * n for p, n in zip(self.pictures, self.columns, strict=True)]
        self.ends = np.cumsum(counts)

    def __len__(self) -> int:
        return int(self.ends[-1])

    def sample(self, index: int, rng: np.random.Generator) -> NoisyPatch:
        """Patch `index` with noise."""
        which = int(np.searchsorted(self.ends, index, "right"))
        place = index - (int(self.ends[which - 1]) if which else 0)
        y, x = (int(number) * STRIDE for number in divmod(place, self.columns[which]))
        patch = self.pictures[which][y : y + self.side, x : x + self.side]
        patch = np.rot90(patch, int(rng.integers(4)))
        if rng.integers(2):
            patch = patch[:, ::-1]
        return add_noise(patch, self.sigma, rng)


class NoisyPictures(Sequence[NoisyPatch]):
    """Test pictures, each with the same noise in every experiment."""

    def __init__(self, pictures: Sequence[np.ndarray], sigma: int) -> None:
        self.pictures, self.sigma = pictures, sigma

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> NoisyPatch:  # type: ignore[override]
        return add_noise(self.pictures[index], self.sigma, np.random.default_rng((0, self.sigma, index)))


def add_noise(picture: np.ndarray, sigma: int, rng: np.random.Generator) -> NoisyPatch:
    """Add Gaussian noise to a picture, (H, W) uint8."""
    clean = picture.astype(np.float32) / LEVELS
    noisy = clean + rng.normal(0, sigma / LEVELS, picture.shape).astype(np.float32)
    return NoisyPatch(torch.from_numpy(noisy)[None], torch.from_numpy(clean)[None])
