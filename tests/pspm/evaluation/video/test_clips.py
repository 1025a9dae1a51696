import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from pspm_runtime.command.cli import main

from pspm.evaluation.video.clips import SIZE, SIZE_OF_SMALL, clip
from pspm.evaluation.video.strip import LABEL
from pspm.scenes.people import Person


def person() -> Person:
    alpha = np.zeros((200, 120), np.float32)
    cv2.ellipse(alpha, (60, 120), (40, 90), 0, 0, 360, 255, -1)
    colours = np.dstack([alpha * 0.2, alpha * 0.9, alpha * 0.3, alpha])
    return Person("green", colours.astype(np.float32), True, False)


def background() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (90, 160, 3), np.uint8).repeat(6, 0).repeat(6, 1)


@pytest.mark.parametrize("kind", ["webcam", "moving"])
def test_the_picture_shows_the_person_where_the_truth_says(kind: str) -> None:
    frames = list(clip(kind, person(), background(), 4, 0))

    for image, alpha in frames:
        assert (image.shape, alpha.shape) == ((SIZE[1], SIZE[0], 3), (SIZE[1], SIZE[0]))
        assert 0.05 < alpha.mean() < 0.5
        inside = cv2.erode((alpha == 1).astype(np.uint8), np.ones((9, 9))) > 0
        assert np.abs(image[inside].mean(0) - (51, 230, 76)).max() < 8


@pytest.mark.parametrize(("seed", "height"), [(0, 450), (1, 300)])
def test_a_small_person_has_a_height_in_a_large_picture(seed: int, height: int) -> None:
    first, last = (list(clip("small", person(), background(), 3, seed))[i] for i in (0, -1))

    assert first.image.shape[:2] == first.alpha.shape == SIZE_OF_SMALL[::-1]
    rows = np.flatnonzero((first.alpha > 0.5).any(1))
    assert 0.85 * height < rows[-1] - rows[0] + 1 < 1.15 * height
    assert np.abs(first.alpha - last.alpha).max() > 0.9


def test_a_webcam_moves_less() -> None:
    still, moving = (list(clip(kind, person(), background(), 8, 0)) for kind in ("webcam", "moving"))

    def change(frames: list) -> float:  # type: ignore[type-arg]
        return float(np.abs(frames[0].alpha - frames[-1].alpha).mean())

    assert 0 < change(still) < change(moving) / 4
    # The background of a webcam changes by grain only.
    behind = (still[0].alpha == 0) & (still[-1].alpha == 0)
    assert np.abs(still[0].image[behind].astype(int) - still[-1].image[behind]).mean() < 8
    assert np.abs(moving[0].image[behind].astype(int) - moving[-1].image[behind]).mean() > 20


def test_the_same_seed_gives_the_same_clip() -> None:
    one, same, other = (list(clip("moving", person(), background(), 2, seed)) for seed in (1, 1, 2))

    assert all(np.array_equal(a.image, b.image) for a, b in zip(one, same, strict=True))
    assert not np.array_equal(one[0].image, other[0].image)


@pytest.mark.slow
def test_the_command(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--data", str(data), "--video", "--clips", "1", "--frames", "3", "--threads", "1"]
    options += ["--clip-kind", "webcam", "--clip-kind", "moving"]

    assert main(["evaluate", *options, "--json", "--strip", str(tmp_path / "strip.png")]) == 0

    # Frames and truths, and two rows of mattes, of four frames at half the size; grey where nothing is wrong.
    picture = np.asarray(Image.open(tmp_path / "strip.png"))
    assert picture.shape == (3 * (SIZE[1] // 2 + LABEL), 4 * SIZE[0], 3)
    change = picture[-SIZE[1] // 2 :, SIZE[0] // 2 : SIZE[0], 0]
    assert np.median(change) == 128
    assert change.std() > 0.1
    found = json.loads(capsys.readouterr().out)["mobile"]
    assert {kind: set(filters) for kind, filters in found.items()} == {
        "webcam": {"none", "file", "live"},
        "moving": {"none", "file", "live"},
    }
    assert set(found["webcam"]["none"]) == {
        "MAD",
        "MSE",
        "Grad",
        "Conn",
        "dtSSD",
        "still",
        "IoU",
        "least IoU",
        "CPU ms",
    }


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--frames", "1"], "--frames must be at least 2, not 1"),
        (["--clips", "0"], "--clips must be at least 1, not 0"),
        (["--closed-form"], "--video evaluates models and checkpoints only"),
        (["--checkpoint", "gone.ckpt"], "gone.ckpt"),
        (["--network", "mobile"], "--network was given 1 times but --checkpoint 0 times"),
        (["--strip", "strip.jpg"], "strip.jpg: the strip is a PNG; give a name that ends in .png"),
    ],
)
def test_wrong_options(options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--data", "gone", "--video", *options]) == 1
    assert sentence in capsys.readouterr().err
