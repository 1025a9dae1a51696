"""Choose the engine for the format of a bundle's file."""

from pspm_runtime.bundle import Bundle
from pspm_runtime.engines.devices import Device
from pspm_runtime.engines.engine import Engine
from pspm_runtime.errors import ModelError


def open_engine(bundle: Bundle, threads: int | None = None, device: Device = "auto") -> Engine:
    """Open the file of a bundle with ONNX Runtime or LiteRT.

    threads: how many the network may use; None means one per core.
    device: what runs an ONNX file; LiteRT is on the CPU.
    Raises ModelError if the format does not run in Python, or the file does not run in its engine.
    """
    # Each engine is imported when a bundle needs it, so that `import pspm` stays fast.
    if bundle.format == "tflite":
        from pspm_runtime.engines.litert import LiteRTEngine

        if device not in ("auto", "cpu"):
            raise ModelError(f"{bundle.model} runs in LiteRT, on the CPU; leave out the device {device}")
        rule = bundle.size
        return LiteRTEngine(bundle.model, threads, overlap=rule.overlap, enlarge_to=rule.enlarge_to)
    if bundle.format == "onnx":
        from pspm_runtime.engines.onnx import OnnxEngine

        engine = OnnxEngine(
            bundle.model,
            bundle.size,
            mean=bundle.mean,
            std=bundle.std,
            trimap=bundle.trimap,
            threads=threads,
            device=device,
        )
        engine.check_size_rule()
        return engine
    raise ModelError(f"{bundle.model} is of the format {bundle.format}, which does not run here; export it to onnx")
