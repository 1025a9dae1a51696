"""Calibration pictures, from which a quantised file learns the ranges of its feature maps."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageOps
from pspm_runtime.errors import ModelError
from pspm_runtime.files.sample import sample_photo
from pspm_runtime.stages.network_view import resize_to_view
from torch import Tensor

from pspm.data.folders.pairs import find_pairs
from pspm.data.folders.split import held_back
from pspm.networks.input_range import from_pixels

COUNT = 48
# Without data one portrait replaces many: several crops of it, mirrored, in three brightnesses.
CROPS = ((0, 0, 1, 1), (0.1, 0, 0.8, 0.7), (0.2, 0.05, 1, 0.85), (0, 0.1, 0.7, 0.8))
LIGHTS = (0.8, 1.0, 1.2)


class Calibration(NamedTuple):
    """pictures: each (1, 3, H, W) in [-1, 1]. source: where they come from, in words, for the manifest."""

    pictures: list[Tensor]
    source: str


def calibrate_on(data: Path | None, size: tuple[int, int]) -> Calibration:
    """Training portraits of a data folder, evenly spread over it, or variants of the sample portrait without one.

    size: (height, width). No picture is held out for validation. Raises ModelError if `data` has no portraits.
    """
    if data is None:
        variants = [network_image(_resize(picture, size)) for picture in _variants()]
        return Calibration(
            variants, f"{len(variants)} variants of the sample portrait; no training pictures were given"
        )
    try:
        hidden = held_back("portraits")
        paths = [pair.image for pair in find_pairs(data / "portraits") if pair.image.stem not in hidden]
    except OSError as error:
        raise ModelError(f"{data} has no portraits to calibrate on ({error}); leave out --data") from None
    chosen = paths[:: max(1, len(paths) // COUNT)][:COUNT]
    pictures = []
    for path in chosen:
        with Image.open(path) as picture:
            pictures.append(network_image(_resize(picture.convert("RGB"), size)))
    return Calibration(pictures, f"{len(pictures)} training portraits")


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
