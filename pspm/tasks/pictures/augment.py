"""Random scaling, rotation, cropping and mirroring of a picture together with its labels or depths."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor

from pspm.tasks.recipe import Recipe


class Labelled(NamedTuple):
    """A picture, RGB (H, W, 3) uint8, and what a network says of each pixel, (H, W)."""

    image: np.ndarray
    label: np.ndarray


def augmented(picture: Labelled, recipe: Recipe, rng: np.random.Generator, nothing: int) -> tuple[Labelled, float]:
    """Augment by a recipe. Returns the crop, and how much larger the picture became.

    nothing: the label of pixels outside the picture. Labels are never mixed, so depths keep their edges.
    """
    scale = float(rng.uniform(*recipe.scale))
    image, label = resized(picture, scale, smallest=(1, 1)) if scale != 1 else picture
    if recipe.rotation:
        height, width = label.shape
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-recipe.rotation, recipe.rotation), 1)
        image = cv2.warpAffine(image, turn, (width, height), flags=cv2.INTER_LINEAR)
        label = cv2.warpAffine(label, turn, (width, height), flags=cv2.INTER_NEAREST, borderValue=nothing)
    image, label = random_crop(Labelled(image, label), recipe.crop, rng, nothing)
    if recipe.flip and rng.integers(2):
        image, label = image[:, ::-1], label[:, ::-1]
    if recipe.colours:
        image = varied_colours(image, rng)
    return Labelled(image, label), scale


def resized(picture: Labelled, scale: float, smallest: tuple[int, int]) -> Labelled:
    """Resize a picture and its labels, to at least a (height, width)."""
    height, width = (max(least, round(side * scale)) for side, least in zip(picture.label.shape, smallest, strict=True))
    smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return Labelled(
        cv2.resize(picture.image, (width, height), interpolation=smooth),
        cv2.resize(picture.label, (width, height), interpolation=cv2.INTER_NEAREST),
    )


class AtHeight(Sequence[Labelled]):
    """Pictures resized to a height, when they are asked for; 0 for as they are."""

    def __init__(self, pictures: Sequence[Labelled], height: int) -> None:
        self.pictures, self.height = pictures, height

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> Labelled:  # type: ignore[override]
        picture = self.pictures[index]
        return resized(picture, self.height / len(picture.label), smallest=(1, 1)) if self.height else picture


def random_crop(picture: Labelled, size: tuple[int, int], rng: np.random.Generator, nothing: int) -> Labelled:
    """Crop to (height, width) at random. A smaller picture is put somewhere into it, on black."""
    image, label = picture
    missing = [max(0, wanted - side) for wanted, side in zip(size, label.shape, strict=True)]
    if any(missing):
        (top, left) = (int(rng.integers(m + 1)) for m in missing)
        (bottom, right) = (m - before for m, before in zip(missing, (top, left), strict=True))
        sides = (top, bottom, left, right)
        image = cv2.copyMakeBorder(image, *sides, cv2.BORDER_CONSTANT, value=(0, 0, 0))
        label = cv2.copyMakeBorder(label, *sides, cv2.BORDER_CONSTANT, value=nothing)
    y, x = (int(rng.integers(side - wanted + 1)) for wanted, side in zip(size, label.shape, strict=True))
    inside = slice(y, y + size[0]), slice(x, x + size[1])
    return Labelled(image[inside], label[inside])


def varied_colours(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Vary gamma and brightness by 10 to 25 %, and the colour balance by 10 %, as BTS's authors do."""
    unit = (image / 255) ** rng.uniform(0.9, 1.1) * rng.uniform(0.75, 1.25) * rng.uniform(0.9, 1.1, 3)
    return np.rint(unit.clip(0, 1) * 255).astype(np.uint8)


def normalised(image: np.ndarray) -> Tensor:
    """A picture, RGB (H, W, 3) uint8, as the networks take it, (3, H, W) in [-1, 1]."""
    return torch.from_numpy(image.transpose(2, 0, 1) / np.float32(127.5) - 1)


def padded(image: Tensor, multiple: int) -> Tensor:
    """Pad a batch, (N, C, H, W), at the right and below, by its edge, to sides that are multiples."""
    height, width = image.shape[2:]
    return torch.nn.functional.pad(image, (0, -width % multiple, 0, -height % multiple), mode="replicate")
