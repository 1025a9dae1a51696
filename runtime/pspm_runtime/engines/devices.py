"""Devices that ONNX Runtime can run a network on: the CPU, and what its other packages add."""

from collections.abc import Sequence
from typing import Any, Literal, get_args

from pspm_runtime.arguments import shown
from pspm_runtime.errors import ModelError

Device = Literal["auto", "cpu", "cuda", "coreml", "directml", "openvino"]
DEVICES: tuple[str, ...] = get_args(Device)
_PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
}
_REMEDIES = {
    "cuda": "pip uninstall onnxruntime, then pip install onnxruntime-gpu, on a machine with an NVIDIA GPU",
    "coreml": "it is in the onnxruntime of macOS only",
    "directml": "pip uninstall onnxruntime, then pip install onnxruntime-directml, on Windows",
    "openvino": "pip uninstall onnxruntime, then pip install onnxruntime-openvino",
}
# Core ML is in every onnxruntime of macOS, so having it says nothing about what a user wants.
_AUTOMATIC = ("cuda", "directml", "openvino")


def check_device(device: Any) -> None:
    """Raise ModelError for a device that is not one of `DEVICES`."""
    if device not in DEVICES:
        raise ModelError(f"{shown(device)} is no device; choose one of {', '.join(DEVICES)}")


def found_device(device: Device) -> str:
    """The device that a name stands for here: "auto" is the CPU unless the package for another one is installed.

    Raises ModelError for a device whose package is not installed.
    """
    check_device(device)
    if device == "cpu":
        return device
    try:
        import onnxruntime
    except ImportError as error:
        reason = " ".join(str(error).split())
        raise ModelError(f"ONNX Runtime cannot be loaded ({reason}); pip install onnxruntime") from None
    return _choose(device, onnxruntime.get_available_providers())


def _choose(device: str, available: Sequence[str]) -> str:
    if device == "auto":
        return next((name for name in _AUTOMATIC if _PROVIDERS[name] in available), "cpu")
    if _PROVIDERS[device] not in available:
        raise ModelError(f"the device {device} is not in the ONNX Runtime that is installed; {_REMEDIES[device]}")
    return device


def providers(device: str) -> list[str]:
    """What a session is given. The CPU takes what the device cannot run."""
    return list(dict.fromkeys([_PROVIDERS[device], _PROVIDERS["cpu"]]))


def check_in_use(device: str, in_use: Sequence[str]) -> None:
    """Raise ModelError if a session does not run on the device that was asked for."""
    if _PROVIDERS[device] not in in_use:
        raise ModelError(
            f"the device {device} cannot be used here, though its package is installed; check its driver, or leave out "
            "the device"
        )
