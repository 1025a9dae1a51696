"""Which device runs a network, and what is said about one that cannot."""

from pathlib import Path
from typing import Any

import onnxruntime
import pytest
from pspm_runtime import ModelError
from pspm_runtime.command.cli import main
from pspm_runtime.engines import devices
from pspm_runtime.engines.devices import found_device
from pspm_runtime.engines.onnx import OnnxEngine

import pspm
from tests.runtime.engines.test_onnx import SIZE, save


def available(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [*names, "CPUExecutionProvider"])


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], "cpu"),
        (["AzureExecutionProvider"], "cpu"),
        (["CoreMLExecutionProvider"], "cpu"),  # it is in every package of macOS
        (["TensorrtExecutionProvider", "CUDAExecutionProvider"], "cuda"),
        (["DmlExecutionProvider"], "directml"),
        (["OpenVINOExecutionProvider"], "openvino"),
    ],
)
def test_auto_takes_what_was_installed_for_it(names: list[str], found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    available(monkeypatch, *names)

    assert found_device("auto") == found
    assert found_device("cpu") == "cpu"


@pytest.mark.parametrize(
    ("device", "remedy"),
    [
        ("cuda", "pip install onnxruntime-gpu"),
        ("coreml", "it is in the onnxruntime of macOS only"),
        ("directml", "pip install onnxruntime-directml"),
        ("openvino", "pip install onnxruntime-openvino"),
    ],
)
def test_a_device_whose_package_is_missing(device: Any, remedy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    available(monkeypatch)

    with pytest.raises(
        ModelError, match=rf"the device {device} is not in the ONNX Runtime that is installed; .*{remedy}"
    ):
        pspm.load(device=device)


def test_a_device_that_is_none() -> None:
    wrong: Any = "gpu"

    with pytest.raises(
        ModelError, match="'gpu' is no device; choose one of auto, cpu, cuda, coreml, directml, openvino"
    ):
        pspm.load(device=wrong)


def test_an_installed_package_without_its_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ONNX Runtime then falls back to the CPU, and says so only in its log."""
    available(monkeypatch, "CUDAExecutionProvider")
    session, file = onnxruntime.InferenceSession, save(tmp_path / "m.onnx", (0, 0, 0), 0.5)
    monkeypatch.setattr(
        onnxruntime, "InferenceSession", lambda path, options, providers: session(path, options, providers[-1:])
    )

    with pytest.raises(ModelError, match="the device cuda cannot be used here, though its package is installed"):
        OnnxEngine(file, SIZE, device="cuda")
    assert OnnxEngine(file, SIZE, device="auto").device == "cpu"


def test_the_command(tmp_path: Path, astronaut: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alpha", str(astronaut), "-o", str(tmp_path / "a.png"), "--device", "cuda"]) == 1
    assert capsys.readouterr().err.startswith(
        "pspm: the device cuda is not in the ONNX Runtime that is installed; pip "
    )
    assert list(tmp_path.iterdir()) == []


def test_every_device_has_a_provider_and_a_remedy() -> None:
    named = set(devices.DEVICES) - {"auto"}

    assert devices._PROVIDERS.keys() == named
    assert devices._REMEDIES.keys() == named - {"cpu"}
    assert pspm.load("mobile", threads=1).device == "auto"
