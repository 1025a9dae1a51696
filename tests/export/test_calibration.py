"""Calibration: which pictures are chosen, and the ranges that a TFLite file learns from them."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from pspm_export.plan.calibration import COUNT, calibrate_on, network_image
from pspm_export.plan.trimap_input import IMAGE
from pspm_export.writers.tflite.channels_last import ChannelsLast
from pspm_export.writers.tflite.quantisation import SIGNATURE, _ranges
from pspm_export.writers.tflite.writer import convert
from pspm_runtime import ModelError
from pspm_runtime.command.cli import main
from torch import Tensor, nn

pytestmark = pytest.mark.slow

SIDE = 8
PORTRAITS = 2 * COUNT - 1


def portraits(folder: Path, ending: str) -> Path:
    """A data folder of portraits, each of one grey level: its number."""
    for part, mode in (("image", "RGB"), ("alpha", "L")):
        (folder / "portraits" / part).mkdir(parents=True)
        for i in range(PORTRAITS):
            name = f"a-{i:03}.{ending if part == 'image' else 'png'}"
            Image.new(mode, (SIDE, SIDE), (i,) * 3 if mode == "RGB" else i).save(
                folder / "portraits" / part / name, lossless=True
            )
    return folder


def levels(pictures: list[Tensor]) -> list[int]:
    return [round(float(picture.mean() + 1) * 127.5) for picture in pictures]


def test_calibration_pictures_are_spread_over_the_folder(tmp_path: Path) -> None:
    pictures, source = calibrate_on(portraits(tmp_path, "png"), (SIDE, SIDE))
    steps = np.diff(levels(pictures))
    assert levels(pictures)[0] == 0
    assert levels(pictures)[-1] >= PORTRAITS - 2
    assert set(steps) == {1, 2}
    assert source == f"{COUNT} training portraits"


def test_the_file_format_of_the_pictures_does_not_matter(tmp_path: Path) -> None:
    found = [calibrate_on(portraits(tmp_path / ending, ending), (SIDE, SIDE)).pictures for ending in ("png", "webp")]
    assert levels(found[0]) == levels(found[1])


def test_a_seed_draws_other_pictures(tmp_path: Path) -> None:
    data = portraits(tmp_path, "png")
    first, again, second = (calibrate_on(data, (SIDE, SIDE), seed) for seed in (1, 1, 2))
    assert levels(first.pictures) == levels(again.pictures) != levels(second.pictures)
    assert len(set(levels(first.pictures))) == COUNT
    assert first.source == f"{COUNT} training portraits, drawn with seed 1"


def test_a_broken_portrait_is_named(tmp_path: Path) -> None:
    broken = portraits(tmp_path, "png") / "portraits" / "image" / "a-000.png"
    broken.write_bytes(b"no picture")
    with pytest.raises(ModelError, match=r"^cannot calibrate on .*a-000\.png cannot be read as an image"):
        calibrate_on(tmp_path, (SIDE, SIDE))


@pytest.mark.parametrize("options", [[], ["--precision", "int8"], ["--data", "."]])
def test_a_seed_without_calibration_is_refused(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["export", "--model", "mobile", *options, "--calibration-seed", "1", "-o", str(out)]) == 1
    assert "--calibration-seed draws calibration pictures; add --data and --precision int8" in capsys.readouterr().err
    assert not out.exists()


def test_ranges_are_the_means_over_the_pictures_in_any_order() -> None:
    network = ChannelsLast(nn.Conv2d(3, 1, 1, bias=False)).eval()
    nn.init.ones_(network.network.weight)  # type: ignore[arg-type]
    pixels = torch.zeros(1, 3, SIDE, SIDE)
    model = convert(network, (pixels,))
    pictures = [network_image(np.full((SIDE, SIDE, 3), level, np.uint8)) for level in (0, 51, 255)]
    for order in (pictures, pictures[::-1]):
        ranges = _ranges(model, order)
        # The sum of three equal channels in [-1, 1]: -3, -1.8 and 3.
        output = next(ends for name, ends in ranges.items() if "alpha" in name)
        assert {end: value.item() for end, value in output.items()} == pytest.approx({"min": -0.6, "max": -0.6})
        assert [ranges[f"{SIGNATURE}_{IMAGE}"][end].item() for end in ("min", "max")] == [0, 255]
