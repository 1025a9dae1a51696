"""Starting from ImageNet weights, and a short run that is interrupted."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from pspm.checkpoint import load_network
from pspm.networks.mobilenet import POOLED_STAGES, MobileNetV2
from pspm.operators import MaxPool
from pspm.training import fit
from pspm.training.fit import Phase, Recipe, Run
from pspm.training.imagenet import start_from_imagenet

WEIGHTS = "weights/mobilenetv2_imagenet_folded.npz"
QUICK = Recipe(phases=(Phase(0.5, 64, 2, 3, False), Phase(0.5, 96, 1, 3, True)))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of generated pictures and random folded weights."""
    root, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    disc = np.zeros((160, 120), np.uint8)
    cv2.circle(disc, (60, 80), 40, 255, -1)
    alpha = cv2.GaussianBlur(disc, (0, 0), 3)
    for folder in ("portraits/train", "published_alpha", "cutouts"):
        colours = root / folder / ("colour" if folder == "cutouts" else "image")
        colours.mkdir(parents=True)
        (root / folder / "alpha").mkdir()
        for i in range(3):
            picture = np.where(disc[..., None] > 0, rng.integers(0, 255, 3), rng.integers(0, 255, 3)).astype(np.uint8)
            cv2.imwrite(str(colours / f"{i}.jpg"), picture)
            cv2.imwrite(str(root / folder / f"alpha/{i}.png"), alpha)
    (root / "backgrounds").mkdir()
    for i in range(3):
        cv2.imwrite(str(root / f"backgrounds/{i}.jpg"), rng.integers(0, 255, (120, 160, 3), np.uint8))
    (root / "weights").mkdir()
    encoder = MobileNetV2([MaxPool() for _ in POOLED_STAGES])
    arrays = {}
    for i, (conv, norm) in enumerate(encoder.conv_bn_pairs()):
        arrays[f"{i:02d}_conv_w"] = conv.weight.detach().numpy()
        arrays[f"{i:02d}_conv_b"] = rng.normal(0, 0.1, norm.num_features).astype(np.float32)
    np.savez(root / WEIGHTS, **arrays)
    return root


def test_calibration_gives_features_the_striding_networks_statistics(data: Path) -> None:
    encoder = MobileNetV2([MaxPool() for _ in POOLED_STAGES])
    images = torch.rand(4, 3, 64, 64) * 2 - 1
    start_from_imagenet(encoder, data / WEIGHTS, images)
    stem, norm = next(encoder.conv_bn_pairs())
    with np.load(data / WEIGHTS) as archive:
        weight, bias = torch.from_numpy(archive["00_conv_w"]), torch.from_numpy(archive["00_conv_b"])
    padded = torch.nn.functional.pad(images, (0, 1, 0, 1))
    striding = torch.nn.functional.conv2d(padded, weight, bias, stride=2)
    with torch.no_grad():
        pooling = norm(stem(images))
    assert torch.allclose(pooling.mean((0, 2, 3)), striding.mean((0, 2, 3)), atol=1e-3)
    assert torch.allclose(pooling.std((0, 2, 3)), striding.std((0, 2, 3)), rtol=1e-2)
    assert not any(norm.training for _, norm in encoder.conv_bn_pairs())


def test_an_interrupted_run_goes_on_where_it_was(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fit, "CALIBRATION_IMAGES", 2)
    monkeypatch.setattr(fit, "CHECKPOINT_STEPS", 1)
    run = Run("b5", data, tmp_path, steps=4, seed=0, recipe=QUICK)
    update, seen = run.update, []

    def interrupted(image: torch.Tensor, truth: torch.Tensor, phase: Phase) -> None:
        if len(seen) == 3:
            raise KeyboardInterrupt
        seen.append(tuple(image.shape))
        update(image, truth, phase)

    monkeypatch.setattr(run, "update", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.train()
    assert seen == [(2, 3, 64, 64), (2, 3, 64, 64), (1, 3, 96, 96)]

    again = Run("b5", data, tmp_path, steps=4, seed=0, recipe=QUICK)
    again.resume()
    assert again.step == 3
    again.train()
    assert again.step == 4
    assert "not finite" not in capsys.readouterr().out
    assert not list(tmp_path.glob("*.part"))

    trained = load_network("b5", tmp_path / "checkpoint.pt").state_dict()
    assert all(value.isfinite().all() for value in trained.values() if value.is_floating_point())
    frozen, moved = "encoder.stages.0.0.weight", "encoder.stages.7.0.block.0.0.weight"
    start = Run("b5", data, tmp_path / "fresh", steps=4, seed=0, recipe=QUICK).network.state_dict()
    assert torch.equal(trained[frozen], start[frozen])
    assert not torch.equal(trained[moved], start[moved])


def test_learning_rates_warm_up_and_decay() -> None:
    recipe = Recipe(warmup=10)
    factors = [recipe.lr_factor(step, 100) for step in range(100)]
    assert factors[0] == pytest.approx(0.1)
    assert max(factors) == factors[9]
    assert factors[50] == pytest.approx(0.5**0.9)
    assert factors[99] < 0.02
