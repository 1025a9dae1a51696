"""The held-back pictures as a network sees them, for watching a run."""

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from pspm.data.split import held_back
from pspm.evaluation.validation import SETS, held_back_pictures


class HeldBack(Dataset[tuple[Tensor, Tensor, str]]):
    """(3, H, W) in [-1, 1], (1, H, W) in [0, 1] and the set's name; area `side` squared, sides divide by `multiple`."""

    def __init__(self, data: Path, side: int, multiple: int) -> None:
        self.pictures = [
            (shrink(image, side, multiple), shrink(alpha, side, multiple), name)
            for name in SETS
            if (data / name).is_dir() and held_back(name)
            for _, image, alpha in held_back_pictures(data, name)
        ]

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, str]:
        image, alpha, name = self.pictures[index]
        return torch.from_numpy(image).permute(2, 0, 1) / 127.5 - 1, torch.from_numpy(alpha)[None], name


def shrink(picture: np.ndarray, side: int, multiple: int) -> np.ndarray:
    """A picture, (H, W) or (H, W, 3), at the size that the runtime would show to a network."""
    height, width = picture.shape[:2]
    scale = side / (height * width) ** 0.5
    size = [max(multiple, round(length * scale / multiple) * multiple) for length in (width, height)]
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)


def one_by_one(pictures: HeldBack) -> DataLoader[tuple[Tensor, Tensor, str]]:
    """They differ in size, so each is a batch."""
    return DataLoader(pictures, batch_size=None, collate_fn=lambda item: (item[0][None], item[1][None], item[2]))
