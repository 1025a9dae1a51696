"""A model on the pictures that training never saw; see `pspm.data.split`."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from pspm_runtime import Model

from pspm.data.pairs import list_pairs, list_pictures, read_rgb
from pspm.data.portraits import composite
from pspm.data.split import held_back
from pspm.evaluation import metrics

SETS = ("portraits", "cutouts")


def held_back_pictures(data: Path, name: str) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Id, RGB (H, W, 3) uint8 and true alpha (H, W) in [0, 1] of a validation set.

    "portraits": photographs with closed-form mattes. "cutouts": cut-outs with true alpha, each over a held-back
    background of its own.
    """
    hidden = held_back(name)
    if name == "portraits":
        for pair in list_pairs(data / "portraits/train/image", data / "portraits/train/alpha"):
            if pair.image.stem in hidden:
                image, alpha = pair.read()
                yield pair.image.stem, image, alpha.astype(np.float32) / 255
        return
    unseen = held_back("backgrounds")
    backgrounds = [path for path in list_pictures(data / "backgrounds") if path.stem in unseen]
    cutouts = [p for p in list_pairs(data / "cutouts/colour", data / "cutouts/alpha") if p.image.stem in hidden]
    for pair, behind in zip(cutouts, backgrounds, strict=True):
        foreground, alpha8 = pair.read()
        alpha = alpha8.astype(np.float32) / 255
        background = cover(read_rgb(behind), alpha.shape)
        image = composite(alpha, foreground.astype(np.float32), background.astype(np.float32))
        yield pair.image.stem, np.clip(image + 0.5, 0, 255).astype(np.uint8), alpha


def cover(picture: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Scale and centre-crop a picture so that it fills (height, width)."""
    height, width = shape
    scale = max(height / picture.shape[0], width / picture.shape[1])
    size = max(width, round(picture.shape[1] * scale)), max(height, round(picture.shape[0] * scale))
    picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return picture[top : top + height, left : left + width]


def validate(model: Model, data: Path, name: str) -> dict[str, float]:
    """Mean errors over one of `SETS`, at the pictures' own size.

    SAD and MSE in the unknown region, SAD_f and MSE_f in the whole picture, MAD and IoU.
    """
    rows = []
    for _, image, truth in held_back_pictures(data, name):
        alpha = model.predict_alpha(image)
        band, everywhere = metrics.unknown_region(truth), np.ones(truth.shape, bool)
        rows.append(
            {
                "SAD": metrics.sad(alpha, truth, band),
                "MSE": metrics.mse(alpha, truth, band),
                "SAD_f": metrics.sad(alpha, truth, everywhere),
                "MSE_f": metrics.mse(alpha, truth, everywhere),
                "MAD": metrics.mad(alpha, truth),
                "IoU": metrics.iou(alpha, truth),
            }
        )
    means = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
    return {"pictures": len(rows), **means}
