"""The held-out images for validation during training, as the network sees them."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from pspm_runtime.stages.network_view import InputSize, resize_to_view
from torch import Tensor
from torch.utils.data import Dataset

from pspm.evaluation.datasets import validation_cases
from pspm.networks.input_range import from_pixels


class ValidationSet(Dataset[tuple[Tensor, Tensor, str]]):
    """Held-out images resized to the network's view, as the runtime resizes a photo.

    Items: image, (1, 3, h, w) in [-1, 1]; alpha, (1, 1, h, w) in [0, 1]; the name of the set. Each item is a batch of
    one image, because the images differ in size.
    """

    def __init__(self, data: Path, size: InputSize) -> None:
        self.views = [
            (*view_and_alpha(*case.read(), size), name)
            for name, cases in validation_cases(data).items()
            for case in cases
        ]

    def __len__(self) -> int:
        return len(self.views)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, str]:
        view, alpha, name = self.views[index]
        return from_pixels(torch.from_numpy(view).permute(2, 0, 1)[None]), torch.from_numpy(alpha)[None, None], name


def view_and_alpha(image: np.ndarray, alpha: np.ndarray, size: InputSize) -> tuple[np.ndarray, np.ndarray]:
    """Resize RGB (H, W, 3) uint8 and alpha (H, W) float32 to the network's view, both with the runtime's resize."""
    height, width = alpha.shape
    view = size.fit(width, height)
    return _resize(image, view), _resize(alpha, view)


def _resize(image: np.ndarray, view: tuple[int, int]) -> np.ndarray:
    return np.array(resize_to_view(Image.fromarray(image), view))
