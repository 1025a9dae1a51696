"""Draw the features behind the last upsampling of each operator."""

from collections.abc import Sequence

import cv2
import numpy as np
from torch import Tensor

from pspm.reconstruction.experiment import Result

# In pixels: the side of a drawn map, the gap behind it, and the width and height of a line of text.
SHOWN = 96
GAP = 4
LABEL, LINE = 210, 16
CHANNELS = 3


def feature_sheet(pictures: Tensor, results: Sequence[Result]) -> bytes:
    """Draw a PNG with a row for the pictures, (N, 1, H, W) in [0, 1], and one for each operator.

    A row shows the three channels with the largest variance of each picture, from minimum (black) to maximum (white).
    """
    rows = [labelled("picture", [[picture[0].numpy()] * CHANNELS for picture in pictures], SHOWN)]
    rows += [labelled(result.operator, [liveliest(f) for f in result.features.numpy()], SHOWN) for result in results]
    return as_png(rows)


def as_png(rows: Sequence[np.ndarray]) -> bytes:
    """Rows, (H, W) uint8, below each other as a PNG. A feature of few channels has a short row, which ends in white."""
    width = max(row.shape[1] for row in rows)
    filled = [np.pad(row, ((0, 0), (0, width - row.shape[1])), constant_values=255) for row in rows]
    done, png = cv2.imencode(".png", np.concatenate(filled), [cv2.IMWRITE_PNG_COMPRESSION, 9])
    assert done
    return png.tobytes()


def liveliest(feature: np.ndarray, among: np.ndarray | None = None) -> list[np.ndarray]:
    """The channels of (C, H, W) with the largest variance, each stretched to [0, 1].

    among: another feature with these channels, whose variance decides; the feature itself if None.
    """
    order = np.argsort(-(feature if among is None else among).var((1, 2)))[:CHANNELS]
    return [(c - c.min()) / max(float(np.ptp(c)), 1e-9) for c in feature[order]]


def labelled(text: str, groups: Sequence[Sequence[np.ndarray]], side: int) -> np.ndarray:
    """One row, uint8: lines of text, then the maps of each picture side by side, each (H, W) in [0, 1].

    side: of a map when it is drawn, in pixels.
    """
    maps = [cv2.resize(m, (side, side), interpolation=cv2.INTER_NEAREST) for group in groups for m in group]
    tiles = [np.pad(m * 255, ((0, GAP), (0, GAP)), constant_values=255) for m in maps]
    height = tiles[0].shape[0]
    name = np.full((height, LABEL), 255.0)
    lines = text.split("\n")
    for i, line in enumerate(lines):
        y = height // 2 + round(LINE * (i - (len(lines) - 1) / 2))
        cv2.putText(name, line, (2, y), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 0, 1, cv2.LINE_AA)
    return np.concatenate([name, *tiles], 1).astype(np.uint8)
