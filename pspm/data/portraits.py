"""Training samples: photographs, composites of cut-outs, recomposited photographs and pictures without a person."""

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from pspm.data.augment import random_camera, random_colour, random_crop
from pspm.data.pairs import Pair, list_pairs, list_pictures, read_rgb
from pspm.data.split import held_back

CUTOUTS = 0.35
RECOMPOSITED = 0.15
EMPTY = 0.06


def composite(alpha: np.ndarray, foreground: np.ndarray, background: np.ndarray) -> np.ndarray:
    """I = alpha F + (1 - alpha) B, (H, W) and (H, W, 3) in [0, 1]."""
    return background + alpha[..., None] * (foreground - background)


class PortraitSamples(Dataset[tuple[Tensor, Tensor]]):
    """`length` random samples of the training split; sample i is the same whenever it is drawn with the same seed.

    data: a folder with `portraits/train/{image,alpha}`, `published_alpha/{image,alpha}`, `cutouts/{colour,alpha}`
        and `backgrounds`.
    A sample is the network's input, (3, crop, crop) in [-1, 1], and its alpha, (1, crop, crop) in [0, 1].
    """

    def __init__(self, data: Path, crop: int, length: int, seed: int) -> None:
        self.crop, self.length, self.seed = crop, length, seed
        portraits = list_pairs(data / "portraits/train/image", data / "portraits/train/alpha")
        self.photos = _training(portraits, "portraits")
        self.photos += list_pairs(data / "published_alpha/image", data / "published_alpha/alpha")
        self.cutouts = _training(list_pairs(data / "cutouts/colour", data / "cutouts/alpha"), "cutouts")
        hidden = held_back("backgrounds")
        self.backgrounds = [path for path in list_pictures(data / "backgrounds") if path.stem not in hidden]

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        cv2.setNumThreads(0)
        rng = np.random.default_rng((self.seed, index))
        kind = rng.random()
        if kind < EMPTY:
            image, alpha = self._background(rng), np.zeros((self.crop, self.crop), np.float32)
        elif kind < EMPTY + CUTOUTS:
            image, alpha = self._view(rng, self.cutouts, cv2.BORDER_REPLICATE)
            image = self._recomposite(rng, image, alpha)
        else:
            image, alpha = self._view(rng, self.photos, cv2.BORDER_REFLECT)
            if kind < EMPTY + CUTOUTS + RECOMPOSITED:
                image = self._recomposite(rng, image, alpha)
        image = random_camera(rng, image)
        return torch.from_numpy(image).permute(2, 0, 1) * 2 - 1, torch.from_numpy(alpha)[None]

    def _view(self, rng: np.random.Generator, pairs: list[Pair], border: int) -> tuple[np.ndarray, np.ndarray]:
        image, alpha = random_crop(rng, list(pairs[rng.integers(len(pairs))].read()), self.crop, border)
        return random_colour(rng, image.astype(np.float32) / 255), alpha.astype(np.float32) / 255

    def _background(self, rng: np.random.Generator) -> np.ndarray:
        picture = read_rgb(self.backgrounds[rng.integers(len(self.backgrounds))])
        (picture,) = random_crop(rng, [picture], self.crop, cv2.BORDER_REFLECT)
        if rng.random() < 0.5:
            picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 5))
        return random_colour(rng, picture.astype(np.float32) / 255)

    def _recomposite(self, rng: np.random.Generator, foreground: np.ndarray, alpha: np.ndarray) -> np.ndarray:
        """Over a background, whose mean colour sometimes comes near the person's: the hard composites."""
        background = self._background(rng)
        person = foreground[alpha > 0.5]
        if len(person) and rng.random() < 0.4:
            shift = person.mean(0) - background.mean((0, 1))
            background = np.clip(background + shift * rng.uniform(0, 0.8), 0, 1)
        return composite(alpha, foreground, background.astype(np.float32))


def _training(pairs: list[Pair], folder: str) -> list[Pair]:
    hidden = held_back(folder)
    return [pair for pair in pairs if pair.image.stem not in hidden]
