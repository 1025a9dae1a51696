"""The held-back pictures as a network sees them, for watching a run."""

from pathlib import Path

import cv2
import numpy as np
import torch
from pspm_runtime.stages.network_view import InputSize
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from pspm.data.folders.split import held_back
from pspm.evaluation.datasets import SETS, held_back_pictures


class HeldBack(Dataset[tuple[Tensor, Tensor, str]]):
    """(3, H, W) in [-1, 1], (1, H, W) in [0, 1] and the set's name, at the size of the network's view."""

    def __init__(self, data: Path, view: InputSize) -> None:
        self.pictures = [
            (resize(image, view), resize(alpha, view), name)
            for name in SETS
            if (data / name).is_dir() and held_back(name)
            for _, image, alpha in held_back_pictures(data, name)
        ]

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, str]:
        image, alpha, name = self.pictures[index]
        return torch.from_numpy(image).permute(2, 0, 1) / 127.5 - 1, torch.from_numpy(alpha)[None], name


def resize(picture: np.ndarray, view: InputSize) -> np.ndarray:
    """A picture, (H, W) or (H, W, 3), at the size that the runtime would show to a network."""
    height, width = picture.shape[:2]
    size = view.fit(width, height)
    smaller = size[0] * size[1] < width * height
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)


def one_by_one(pictures: HeldBack) -> DataLoader[tuple[Tensor, Tensor, str]]:
    """They differ in size, so each is a batch."""
    return DataLoader(pictures, batch_size=None, collate_fn=lambda item: (item[0][None], item[1][None], item[2]))
