"""`pspm export` of a checkpoint of `pspm task`."""

import json
from pathlib import Path

import pytest
from pspm_runtime.command.cli import main

from pspm.tasks.checkpoint import save_weights
from tests.pspm.tasks.narrow_networks import narrow

pytestmark = pytest.mark.slow


def checkpoint(folder: Path, network: str = "dncnn-segnet") -> Path:
    """A checkpoint of a narrow network, as `pspm task denoise` writes it."""
    made = {"network": network, "operator": "nearest", "classes": 1, "width": 4}
    path = folder / "weights.ckpt"
    save_weights(path, narrow("dncnn-segnet", "nearest"), {"task": "denoise", **made})
    return path


def test_a_checkpoint_becomes_a_model_file_and_its_description(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["export", str(checkpoint(tmp_path)), "--size", "40x48", "-o", str(tmp_path / "out")]) == 0
    assert "onnx, 40x48: mean error" in capsys.readouterr().out
    facts = json.loads((tmp_path / "out/network.json").read_text())
    assert (facts["task"], facts["network"], facts["operator"]) == ("denoising", "dncnn-segnet", "nearest")
    assert facts["input"]["size"] == {"height": 48, "width": 40}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["model.onnx", "network.json"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--precision", "int8"],
            "dncnn-segnet is a network of another task, written in fp32 alone; leave out --precision",
        ),
        (["--layout", "triton"], "leave out --layout"),
        (["--size", "44"], "a side of 44 is not a multiple of 8, which the network needs; the nearest is 48"),
    ],
)
def test_what_is_not_offered_is_one_sentence(options, message, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["export", str(checkpoint(tmp_path)), *options, "-o", str(tmp_path / "out")]) != 0
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_network_of_another_library_is_not_exported(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["export", str(checkpoint(tmp_path, "unet-resnet18")), "-o", str(tmp_path / "out")]) != 0
    assert (
        "unet-resnet18, a network of another library; write it from Python with `save_onnx`" in capsys.readouterr().err
    )
