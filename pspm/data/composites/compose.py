"""Compute composites and write them as pictures with mattes and trimaps."""

import math
from pathlib import Path

import cv2
import numpy as np
from pspm_runtime.files.atomic_write import atomic_write

from pspm.data.composites.protocol import Composite
from pspm.data.folders.pairs import Pair, decode, read_rgb

# The folders of `pspm evaluate`.
IMAGE, ALPHA, TRIMAP = "image", "alpha", "trimap"


def write_composite(composite: Composite, out: Path) -> bool:
    """Write image, alpha and trimap of a composite below a folder. Returns whether they were not there yet.

    Raises ValueError if a picture cannot be read, or foreground and alpha differ in size.
    """
    file = f"{composite.name}.png"
    folders = (IMAGE, ALPHA, TRIMAP) if composite.trimap else (IMAGE, ALPHA)
    if all((out / folder / file).exists() for folder in folders):
        return False
    foreground, alpha = Pair(composite.foreground, composite.alpha).read()
    pictures = {ALPHA: alpha}
    if composite.trimap:
        pictures[TRIMAP] = _read_grey(composite.trimap)
    pictures[IMAGE] = compose(foreground, alpha, read_rgb(composite.background))[..., ::-1]
    for folder, picture in pictures.items():
        (out / folder).mkdir(parents=True, exist_ok=True)
        _, png = cv2.imencode(".png", picture)
        with atomic_write(out / folder / file) as unfinished:
            unfinished.write_bytes(png.tobytes())
    return True


def compose(foreground: np.ndarray, alpha: np.ndarray, background: np.ndarray) -> np.ndarray:
    """alpha F + (1 - alpha) B, RGB (H, W, 3) uint8, of foreground (H, W, 3) and alpha (H, W), both uint8.

    background: (h, w, 3) uint8. As in Composition-1k, it is enlarged if it is smaller, and its top left part is used.
    """
    height, width = alpha.shape
    ratio = max(height / background.shape[0], width / background.shape[1])
    if ratio > 1:
        size = math.ceil(background.shape[1] * ratio), math.ceil(background.shape[0] * ratio)
        background = cv2.resize(background, size, interpolation=cv2.INTER_CUBIC)
    behind = background[:height, :width].astype(np.float32)
    share = alpha[..., None].astype(np.float32) / 255
    return np.rint(share * foreground + (1 - share) * behind).astype(np.uint8)


def _read_grey(path: Path) -> np.ndarray:
    return decode(path, cv2.IMREAD_GRAYSCALE)
