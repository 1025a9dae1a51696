"""The pictures from which a quantised file learns the ranges of its features."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageOps
from pspm_runtime.errors import ModelError
from pspm_runtime.files.sample import sample_photo
from torch import Tensor

from pspm.data.folders.pairs import find_pairs
from pspm.data.folders.split import held_back

COUNT = 48
# The one portrait of a plain install has to stand for many: other parts of it, mirrored, in other light.
CROPS = ((0, 0, 1, 1), (0.1, 0, 0.8, 0.7), (0.2, 0.05, 1, 0.85), (0, 0.1, 0.7, 0.8))
LIGHTS = (0.8, 1.0, 1.2)


class Calibration(NamedTuple):
    """pictures: each (1, 3, H, W) in [-1, 1]. source: where they come from, in words, for the manifest."""

    pictures: list[Tensor]
    source: str


def calibrate_on(data: Path | None, size: tuple[int, int]) -> Calibration:
    """Training portraits of a data folder, spread over all of them; without one, variants of the sample portrait.

    None of them is held back for validation. Raises ModelError where `data` has no portraits.
    """
    if data is None:
        variants = [as_input(picture, size) for picture in _variants()]
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
            pictures.append(as_input(picture.convert("RGB"), size))
    return Calibration(pictures, f"{len(pictures)} training portraits")


def sample_input(height: int, width: int) -> Tensor:
    """The sample portrait as a network's input, (1, 3, height, width) in [-1, 1]: its middle, never squeezed."""
    with Image.open(sample_photo()) as photo:
        scale = min(photo.width / width, photo.height / height)
        part = ImageOps.fit(photo.convert("RGB"), (round(width * scale), round(height * scale)))
        return as_input(part, (height, width))


def as_input(picture: Image.Image, size: tuple[int, int]) -> Tensor:
    """RGB of any size as a network's input of (height, width): (1, 3, height, width) in [-1, 1]."""
    pixels = np.asarray(picture.resize(size[::-1], Image.Resampling.BILINEAR, reducing_gap=2.0), np.float32)
    return torch.from_numpy(pixels).permute(2, 0, 1)[None] / 127.5 - 1


def _variants() -> list[Image.Image]:
    with Image.open(sample_photo()) as photo:
        whole = photo.convert("RGB")
    w, h = whole.size
    parts = [whole.crop((int(x * w), int(y * h), int(r * w), int(b * h))) for x, y, r, b in CROPS]
    faces = [face for part in parts for face in (part, ImageOps.mirror(part))]
    return [ImageEnhance.Brightness(face).enhance(light) for face in faces for light in LIGHTS]
