"""Validation during training sees the same pixels as the runtime."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from pspm_runtime import Model
from pspm_runtime.stages.network_view import resize_to_view

from pspm.data.folders.split import held_back
from pspm.evaluation.torch_engine import TorchEngine
from pspm.networks import build
from pspm.networks.input_range import from_pixels
from pspm.training.validation_set import ValidationSet


@pytest.mark.parametrize("size", [(1500, 2100), (4000, 900), (300, 200)])
def test_validation_sees_the_pixels_of_the_runtimes_view(size: tuple[int, int], tmp_path: Path) -> None:
    width, height = size
    rng, identifier = np.random.default_rng(0), min(held_back("portraits"))
    photo = rng.integers(0, 256, (height, width, 3), np.uint8)
    alpha = rng.integers(0, 256, (height, width), np.uint8)
    for folder, picture in (("image", photo), ("alpha", alpha)):
        (tmp_path / "portraits" / folder).mkdir(parents=True)
        Image.fromarray(picture).save(tmp_path / f"portraits/{folder}/{identifier}.png", compress_level=0)

    network = build("mobile")
    ((image, truth, name),) = ValidationSet(tmp_path, network.view_size)
    model = Model(TorchEngine(network))
    view = model.network_view(model.open(tmp_path / f"portraits/image/{identifier}.png"))
    assert name == "portraits"
    assert torch.equal(image, from_pixels(torch.from_numpy(np.array(view)).permute(2, 0, 1)[None]))
    resized = resize_to_view(Image.fromarray(alpha.astype(np.float32) / 255), view.size)
    assert np.array_equal(truth[0, 0].numpy(), np.asarray(resized))
    assert truth.dtype == torch.float32
    assert 0 <= truth.min() <= truth.max() <= 1
