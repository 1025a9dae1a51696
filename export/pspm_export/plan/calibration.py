"""Calibration pictures, from which a quantised file learns the ranges of its feature maps."""

import random
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageOps
from pspm_runtime.errors import ModelError
from pspm_runtime.files.sample import sample_photo
from pspm_runtime.stages.network_view import resize_to_view
from torch import Tensor

from pspm.data.folders.pairs import Pair
from pspm.data.folders.split import training_pairs
from pspm.networks.input_range import from_pixels

COUNT = 48
# Without data one portrait replaces many: several crops of it, mirrored, in three brightnesses.
CROPS = ((0, 0, 1, 1), (0.1, 0, 0.8, 0.7), (0.2, 0.05, 1, 0.85), (0, 0.1, 0.7, 0.8))
LIGHTS = (0.8, 1.0, 1.2)


class Calibration(NamedTuple):
    """pictures: each (1, 3, H, W) in [-1, 1]. source: where they come from, in words, for the manifest."""

    pictures: list[Tensor]
    source: str


def calibrate_on(data: Path | None, size: tuple[int, int], seed: int | None = None) -> Calibration:
    """Training portraits of a data folder, or variants of the sample portrait without one.

    The portraits are spread evenly over the folder, sorted by name without its ending, so that saving them in another
    file format does not change the choice. No picture is held out for validation.

    size: (height, width). seed: draw the portraits at random instead, to see how much the choice matters.
    Raises ModelError if `data` has no portraits, or if a portrait cannot be read.
    """
    if data is None:
        variants = [network_image(_resize(picture, size)) for picture in _variants()]
        return Calibration(
            variants, f"{len(variants)} variants of the sample portrait; no training pictures were given"
        )
    try:
        chosen = _choose(training_pairs(data / "portraits"), seed)
        pictures = [network_image(_resize(Image.fromarray(pair.read()[0]), size)) for pair in chosen]
    except OSError as error:
        raise ModelError(f"{data} has no portraits to calibrate on ({error}); leave out --data") from None
    except ValueError as error:
        raise ModelError(f"cannot calibrate on {data}: {error}") from None
    drawn = "" if seed is None else f", drawn with seed {seed}"
    return Calibration(pictures, f"{len(pictures)} training portraits{drawn}")


def _choose(pairs: list[Pair], seed: int | None) -> list[Pair]:
    """`COUNT` pairs, or all if there are fewer."""
    pairs = sorted(pairs, key=lambda pair: pair.image.stem)
    count = min(COUNT, len(pairs))
    if seed is not None:
        return random.Random(seed).sample(pairs, count)  # noqa: S311 - nothing secret
    return [pairs[i * len(pairs) // count] for i in range(count)]


def network_image(view: np.ndarray) -> Tensor:
    """The image input of a network from a view: RGB (h, w, 3) uint8 to (1, 3, h, w) in [-1, 1]."""
    return from_pixels(torch.from_numpy(np.array(view, np.float32)).permute(2, 0, 1)[None])


def _resize(picture: Image.Image, size: tuple[int, int]) -> np.ndarray:
    return np.asarray(resize_to_view(picture, size[::-1]))


def _variants() -> list[Image.Image]:
    with Image.open(sample_photo()) as photo:
        whole = photo.convert("RGB")
    w, h = whole.size
    parts = [whole.crop((int(x * w), int(y * h), int(r * w), int(b * h))) for x, y, r, b in CROPS]
    faces = [face for part in parts for face in (part, ImageOps.mirror(part))]
    return [ImageEnhance.Brightness(face).enhance(light) for face in faces for light in LIGHTS]
