"""`pspm task`: its table, its plot, evaluation, and mistakes."""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from pspm_runtime.command.cli import main

from pspm.reconstruction.sheet import GAP, LABEL
from pspm.tasks.feature_sheet import SHOWN
from tests.pspm.tasks import published

pytestmark = pytest.mark.slow

SHORT = ["--width", "2", "--batch", "2", "--steps", "1", "--accelerator", "cpu"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published.write_denoising(tmp_path_factory.mktemp("bsd"))


def test_the_table_names_every_operator_and_a_checkpoint_can_be_evaluated(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, plot = tmp_path / "runs", tmp_path / "plot.svg"
    command = ["task", "denoise", "--data", str(data), "--operators", "max-unpool,indexnet-hin", *SHORT, "-o", str(out)]
    features = tmp_path / "features.png"
    assert main([*command, "--plot", str(plot), "--features", str(features)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Denoising, as in thesis table 3.6. dncnn-segnet; sigma 25; ")
    assert lines[2] == "1 steps of 2, recipe short, 2 seeds."
    header, *rows = (line.strip("| ").split(" | ") for line in (lines[4], *lines[6:]))
    assert header[4:8] == ["BSD68 PSNR (dB)", "BSD68 SSIM", "Set12 PSNR (dB)", "Set12 SSIM"]
    assert [row[0] for row in rows] == ["`max-unpool`", "`indexnet-hin`"]
    assert rows[0][3] == "+0"
    assert rows[0][-1] == "+0.00"
    assert rows[1][3] == f"+{int(rows[1][2].replace(',', '')) - int(rows[0][2].replace(',', '')):,}" != "+0"
    assert all("±" in row[4] for row in rows)
    drawn = plot.read_text()
    assert drawn.startswith("<svg xmlns=")
    assert drawn.count("<circle") == 4
    sheet = cv2.imread(str(features), cv2.IMREAD_GRAYSCALE)
    assert sheet is not None
    assert len(sheet) == 3 * (SHOWN + GAP)
    portrait, unpooled, indexed = (row[:SHOWN, LABEL : LABEL + SHOWN] for row in np.split(sheet, 3))
    # Max unpooling leaves three of four pixels at 0.
    assert np.mean(unpooled == unpooled.min()) > 0.7 > np.mean(portrait == portrait.min())
    assert not np.array_equal(unpooled, indexed)

    assert main([*command, "--json"]) == 0
    results = json.loads(capsys.readouterr().out)["results"]
    assert len(results) == 4
    checkpoint = out / "runs/dncnn-segnet-indexnet-hin-1/weights.ckpt"
    assert main(["task", "denoise", "--data", str(data), "--evaluate", str(checkpoint), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["operator"] == "indexnet-hin"
    assert found["tests"] == results[3]["tests"]

    around = tmp_path / "around.png"
    checkpoint = out / "runs/dncnn-segnet-max-unpool-1/weights.ckpt"
    drawing = ["--evaluate", str(checkpoint), "--features", str(around), "--limit", "1"]
    assert main(["task", "denoise", "--data", str(data), *drawing]) == 0
    sheet = cv2.imread(str(around), cv2.IMREAD_GRAYSCALE)
    assert sheet is not None
    same, before, after = (row[:SHOWN, LABEL : LABEL + SHOWN] for row in np.split(sheet, 3))
    assert np.array_equal(same, portrait)
    assert np.array_equal(after, unpooled)
    # A feature at half the resolution is drawn in cells of 2 x 2, each with the one value that was put back.
    cells = before.reshape(SHOWN // 2, 2, SHOWN // 2, 2).swapaxes(1, 2).reshape(-1, 4)
    assert (cells == cells[:, :1]).all()
    assert np.mean(after == after.min()) > 0.7 > np.mean(before == before.min())
    assert main(["task", "depth", "--evaluate", str(checkpoint)]) == 1
    assert "was trained to denoise; evaluate it with `pspm task denoise`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        (["denoise", "--operators", "fold"], "there is no operator named 'fold'; the operators are max-unpool"),
        (["denoise", "--network", "segnet"], "'segnet' is not a network to denoise; choose one of dncnn-segnet"),
        (["denoise", "--network", "dncnn", "--operators", "carafe"], "dncnn has no upsampling"),
        (["denoise", "--recipe", "long"], "denoise has no recipe named 'long'; its recipes are short, dncnn"),
        (["denoise", "--steps", "0"], "--steps must be at least 1, not 0"),
        (["denoise", "--seeds", "0"], "--seeds must be at least 1, not 0"),
        (["denoise", "--accelerator", "abacus"], "there is no accelerator 'abacus' here; choose auto, cpu"),
        (["denoise", "--sigma", "256"], "--sigma must be at most 255, not 256"),
        (["denoise", "--plot", "plot.png"], "plot.png: the plot must be an .svg file"),
        (["denoise", "--features", "f.svg"], "f.svg: the picture of features must be a .png file"),
        (["denoise", "--evaluate", "none.ckpt"], "none.ckpt does not exist; name the weights.ckpt"),
        (["segment"], "is in another layout; expected images/ and annotations/ of ADE20K's scene parsing benchmark"),
        (["depth"], "is in another layout; expected nyu_depth_v2_labeled.mat and splits.mat"),
        (["detect"], "is in another layout; expected annotations/instances_train2017.json"),
        (["depth", "--data", "nowhere"], "nowhere is in another layout; expected"),
    ],
)  # fmt: skip
def test_mistakes_are_answered_in_one_sentence(
    options: list[str], answer: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["task", options[0], "--data", str(data), "-o", str(out), *SHORT, *options[1:]]) == 1
    message = capsys.readouterr().err
    assert answer in message
    assert message.count("\n") == 1
    assert not out.exists()


def test_training_needs_a_folder_for_its_results(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["task", "denoise", "--data", str(data)]) == 1
    assert "--out is missing" in capsys.readouterr().err
    assert main(["task", "segment", "-o", "out"]) == 1
    assert "this task needs --data" in capsys.readouterr().err


def test_a_file_that_is_no_checkpoint_is_refused(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "other.ckpt"
    for content, reason in (({"state_dict": {}}, "it names no task"), (None, "it is cut short or damaged")):
        torch.save(content, path) if content else path.write_bytes(path.read_bytes()[:100])
        assert main(["task", "denoise", "--data", str(data), "--evaluate", str(path)]) == 1
        assert f"{path} is not a checkpoint of `pspm task`: {reason}; choose another file" in capsys.readouterr().err


@pytest.mark.parametrize("module", ["torchvision.models.detection", "pycocotools.coco"])
def test_a_missing_extra_is_named(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    folder = published.write_people(tmp_path / "data")
    assert main(["task", "detect", "--data", str(folder), "-o", str(tmp_path / "out"), "--steps", "1"]) == 1
    assert "pip install '.[operators]'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
