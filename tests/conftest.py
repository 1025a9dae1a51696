"""A data folder of generated pictures."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from torch import nn

from pspm.networks.encoders.mobilenet import MobileNetV2

WEIGHTS = "weights/mobilenetv2_imagenet_folded.npz"


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Soft discs as people, noise as backgrounds, and random folded weights. Do not write to it."""
    root, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    disc = np.zeros((160, 120), np.uint8)
    cv2.circle(disc, (60, 80), 40, 255, -1)
    soft = cv2.GaussianBlur(disc, (0, 0), 3)
    for folder, colour, matte in (
        ("portraits/train", "image", "alpha"),
        ("published_alpha", "image", "alpha"),
        ("cutouts", "colour", "alpha"),
        ("people", "image", "mask"),
    ):
        (root / folder / colour).mkdir(parents=True)
        (root / folder / matte).mkdir()
        for i in range(3):
            person, behind = rng.integers(0, 255, (2, 3))
            picture = np.where(disc[..., None] > 0, person, behind).astype(np.uint8)
            cv2.imwrite(str(root / folder / colour / f"{i}.jpg"), picture)
            cv2.imwrite(str(root / folder / matte / f"{i}.png"), disc if matte == "mask" else soft)
    (root / "backgrounds").mkdir()
    for i in range(3):
        cv2.imwrite(str(root / f"backgrounds/{i}.jpg"), rng.integers(0, 255, (120, 160, 3), np.uint8))
    (root / "weights").mkdir()
    arrays = {}
    convolutions = [m for m in MobileNetV2().stages.modules() if isinstance(m, nn.Conv2d)]
    for i, conv in enumerate(convolutions):
        arrays[f"{i:02d}_conv_w"] = conv.weight.detach().numpy()
        arrays[f"{i:02d}_conv_b"] = rng.normal(0, 0.1, conv.out_channels).astype(np.float32)
    np.savez(root / WEIGHTS, **arrays)
    return root
