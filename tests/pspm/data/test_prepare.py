"""Mattes from hard masks: closer to the truth than the masks, and the same after a killed and resumed run."""

import json
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from pspm_runtime.command.cli import main

from pspm.data.folders.pairs import find_pairs, list_pairs
from pspm.data.mattes_from_masks import closed_form
from pspm.data.mattes_from_masks.closed_form import closed_form_matte, without_specks
from pspm.data.mattes_from_masks.prepare import Task, prepare

pytestmark = pytest.mark.slow

HEIGHT, WIDTH = 240, 200


def furry(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a ball with single hairs over a smooth background: RGB uint8, true alpha in [0, 1], mask without hairs."""
    rng = np.random.default_rng(seed)
    drawn = np.zeros((HEIGHT * 4, WIDTH * 4), np.uint8)
    centre = np.array([WIDTH * 2, HEIGHT * 2])
    for angle in rng.uniform(0, 2 * np.pi, 300):
        way = np.array([np.cos(angle), np.sin(angle)])
        ends = [tuple(int(x) for x in centre + way * r) for r in (200, rng.uniform(220, 245))]
        cv2.line(drawn, ends[0], ends[1], 255, 2)
    ball = cv2.circle(np.zeros_like(drawn), (WIDTH * 2, HEIGHT * 2), 215, 255, -1)
    alpha, mask = (
        cv2.resize(p, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) / 255 for p in (np.maximum(drawn, ball), ball)
    )
    colours = rng.uniform(0, 1, (2, 4, 4, 3)) * 0.3 + np.array([0.05, 0.65]).reshape(2, 1, 1, 1)
    person, behind = (cv2.resize(c, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC) for c in colours)
    image = behind + alpha[..., None] * (person - behind)
    return (np.clip(image, 0, 1) * 255).astype(np.uint8), alpha, (mask > 0.5).astype(np.uint8) * 255


def folder_of(path: Path, count: int) -> Path:
    for name in ("image", "mask"):
        (path / name).mkdir(parents=True)
    for i in range(count):
        image, _, mask = furry(i)
        Image.fromarray(image).save(path / f"image/{i:02}.jpg")
        Image.fromarray(mask).save(path / f"mask/{i:02}.png")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_matte_is_far_closer_to_the_truth_than_its_mask() -> None:
    image, truth, mask = furry()
    alpha = closed_form_matte(image, mask) / 255
    hairs = (truth > 0.01) & (truth < 0.99)
    assert np.abs(alpha - truth)[hairs].mean() < 0.5 * np.abs(mask / 255 - truth)[hairs].mean()
    assert np.abs(alpha - truth).mean() < 0.5 * np.abs(mask / 255 - truth).mean()
    assert alpha[0, 0] == 0
    assert alpha[HEIGHT // 2, WIDTH // 2] == 1


def test_a_matte_does_not_depend_on_the_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    image, _, mask = furry()
    whole = closed_form_matte(image, mask).astype(int)
    monkeypatch.setattr(closed_form, "STRIP_PIXELS", 10 * WIDTH)
    assert np.abs(closed_form_matte(image, mask) - whole).max() <= 1


@pytest.mark.parametrize("value", [0, 255])
def test_a_mask_without_an_edge_is_its_own_matte(value: int) -> None:
    mask = np.full((HEIGHT, WIDTH), value, np.uint8)
    assert np.array_equal(closed_form_matte(furry()[0], mask), mask)


def test_specks_go_and_a_hole_of_some_size_stays() -> None:
    person = np.zeros((60, 60), bool)
    person[10:50, 10:50] = True
    wanted = person.copy()
    wanted[30:40, 30:40] = person[30:40, 30:40] = False
    person[20:22, 20:22] = False
    person[2:4, 2:4] = True
    assert np.array_equal(without_specks(person, side=5), wanted)


def test_a_broken_photograph_is_named_and_the_others_are_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    masks, out = folder_of(tmp_path / "masks", 3), tmp_path / "out"
    (masks / "image/01.jpg").write_bytes(b"no picture")
    command = ["prepare", str(masks), "-o", str(out), "--jobs", "1", "--json"]
    assert main(command) == 1
    summary = json.loads(capsys.readouterr().out)
    assert (summary["made"], summary["kept"]) == (2, 0)
    assert [fault["input"] for fault in summary["failed"]] == [str(masks / "image/01.jpg")]
    assert [pair.image.name for pair in find_pairs(out)] == ["00.jpg", "02.jpg"]
    assert (out / "image/00.jpg").read_bytes() == (masks / "image/00.jpg").read_bytes()

    Image.fromarray(furry()[0]).save(masks / "image/01.jpg")
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out) == {"made": 1, "kept": 2, "failed": []}


def test_a_folder_without_masks_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prepare", str(tmp_path), "-o", str(tmp_path / "out")]) == 1
    assert "image/ and mask/" in capsys.readouterr().err


def test_a_killed_run_goes_on_to_the_same_result(tmp_path: Path) -> None:
    """The killed run has two processes and the others one, so this also compares parallel with serial."""
    count = 14
    masks, out, whole = folder_of(tmp_path / "masks", count), tmp_path / "out", tmp_path / "whole"
    command = [sys.executable, "-m", "pspm_runtime.command.cli", "prepare", str(masks), "-o", str(out), "--jobs", "2"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as run:
        deadline = time.monotonic() + 120
        while not list(out.glob("alpha/*.png")) and time.monotonic() < deadline:
            time.sleep(0.01)
        run.kill()
        # The worker processes hold the pipe, so this returns when the last one has ended.
        run.communicate(timeout=30)
    before = {p.name: p.read_bytes() for p in out.glob("alpha/*.png")}
    assert 0 < len(before) < count

    tasks = [Task(pair, whole) for pair in list_pairs(masks / "image", masks / "mask", "mask")]
    assert [fault for _, fault in prepare(tasks, 1)] == [None] * count
    assert main(["prepare", str(masks), "-o", str(out), "--jobs", "1"]) == 0
    assert contents(out) == contents(whole)
    assert all((whole / "alpha" / name).read_bytes() == data for name, data in before.items())
