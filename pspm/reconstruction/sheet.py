"""Draw the features behind the last upsampling of each operator."""

from collections.abc import Sequence

import cv2
import numpy as np
from torch import Tensor

from pspm.reconstruction.experiment import Result

SCALE = 3
GAP = 4
LABEL = 210
CHANNELS = 3


def feature_sheet(pictures: Tensor, results: Sequence[Result]) -> bytes:
    """Draw a PNG with a row for the pictures, (N, 1, H, W) in [0, 1], and one for each operator.

    A row shows the three channels with the largest variance of each picture, from minimum (black) to maximum (white).
    """
    rows = [labelled("picture", [[picture[0].numpy()] * CHANNELS for picture in pictures])]
    rows += [labelled(result.operator, [liveliest(f) for f in result.features.numpy()]) for result in results]
    done, png = cv2.imencode(".png", np.concatenate(rows))
    assert done
    return png.tobytes()


def liveliest(feature: np.ndarray) -> list[np.ndarray]:
    """The channels of (C, H, W) with the largest variance, each stretched to [0, 1]."""
    order = np.argsort(-feature.var((1, 2)))[:CHANNELS]
    return [(c - c.min()) / max(float(np.ptp(c)), 1e-9) for c in feature[order]]


def labelled(text: str, groups: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
    """One row, uint8: its name, then the maps of each picture side by side, each (H, W) in [0, 1]."""
    maps = [np.kron(m, np.ones((SCALE, SCALE))) for group in groups for m in group]
    tiles = [np.pad(m * 255, ((0, GAP), (0, GAP)), constant_values=255) for m in maps]
    height = tiles[0].shape[0]
    name = np.full((height, LABEL), 255.0)
    cv2.putText(name, text, (2, height // 2), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 0, 1, cv2.LINE_AA)
    return np.concatenate([name, *tiles], 1).astype(np.uint8)
