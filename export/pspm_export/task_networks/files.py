"""One file of a network of another task in each format: write it, and run it to compare it with torch.

All compute in float32. The operators are lowered as for matting, see `writers.lowering`.
"""

from abc import ABC, abstractmethod
from pathlib import Path

import numpy as np
import torch
from pspm_runtime.errors import ModelError
from pspm_runtime.extras import needs_extra
from torch import Tensor, nn

from pspm.bn_folding import fold_norms
from pspm_export.plan.formats import FORMATS
from pspm_export.task_networks.interface import IMAGE
from pspm_export.writers.converter_output import quiet
from pspm_export.writers.lowering import lower


class TaskFile(ABC):
    """The file of a format. flexible: whether it can take any multiples of the network's."""

    flexible = False

    @abstractmethod
    def write(self, network: nn.Module, path: Path, x: Tensor, output: str, multiple: int | None) -> None:
        """Write a network in eval mode.

        x: to trace it with, (1, C, H, W). output: its name in the file. multiple: take sides of any multiples; None for
        the size of x. Raises ModelError if the format cannot express the network.
        """

    @abstractmethod
    def run(self, path: Path, x: Tensor, output: str) -> Tensor:
        """The file's output for x, (1, C, H, W), as (1, D, H, W)."""


class OnnxFile(TaskFile):
    """ "image", (1, C, H, W), to the output, (1, D, H, W)."""

    flexible = True

    def write(self, network: nn.Module, path: Path, x: Tensor, output: str, multiple: int | None) -> None:
        """See `TaskFile.write`."""
        import onnx

        from pspm_export.writers.onnx.writer import strip_metadata, trace

        model = trace(lower(fold_norms(network)), (x,), multiple, output)
        strip_metadata(model)
        onnx.checker.check_model(model)
        onnx.save(model, str(path))

    def run(self, path: Path, x: Tensor, output: str) -> Tensor:
        """See `TaskFile.run`. In ONNX Runtime, on one thread."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = 1, 3
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        return torch.from_numpy(session.run([output], {IMAGE: x.numpy()})[0])


class TFLiteFile(TaskFile):
    """ "image", (1, H, W, C), to the output, (1, H, W, D), for the engine of Android apps."""

    def write(self, network: nn.Module, path: Path, x: Tensor, output: str, multiple: int | None) -> None:
        """See `TaskFile.write`."""
        from pspm_export.writers.tflite.android_operators import refuse_newer
        from pspm_export.writers.tflite.flatbuffer import operator_versions
        from pspm_export.writers.tflite.writer import convert

        model = convert(_ChannelsLast(lower(fold_norms(network)), output).eval(), (x,))
        refuse_newer(operator_versions(model))
        path.write_bytes(model)

    def run(self, path: Path, x: Tensor, output: str) -> Tensor:
        """See `TaskFile.run`. In LiteRT, on one thread."""
        from ai_edge_litert.interpreter import Interpreter  # type: ignore[import-untyped]

        with quiet():
            interpreter = Interpreter(str(path), num_threads=1)
            interpreter.allocate_tensors()
        (image,), (found,) = interpreter.get_input_details(), interpreter.get_output_details()
        interpreter.set_tensor(image["index"], np.ascontiguousarray(x.permute(0, 2, 3, 1).numpy()))
        interpreter.invoke()
        return torch.from_numpy(interpreter.get_tensor(found["index"])).permute(0, 3, 1, 2)


class _ChannelsLast(nn.Module):
    """(1, H, W, C) to {output: (1, H, W, D)}, with the operations that TFLite's engines compute."""

    def __init__(self, network: nn.Module, output: str) -> None:
        super().__init__()
        self.network, self.output = network, output

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        from pspm_export.writers.tflite.channels_last import Portable

        with Portable(float_features=True):
            found = self.network(image.permute(0, 3, 1, 2))
        return {self.output: found.permute(0, 2, 3, 1)}


class CoreMLFile(TaskFile):
    """ "image", a multi-array (1, C, H, W), to the output, (1, D, H, W), for iOS 16 and macOS 13."""

    def write(self, network: nn.Module, path: Path, x: Tensor, output: str, multiple: int | None) -> None:
        """See `TaskFile.write`."""
        import coremltools as ct  # type: ignore[import-untyped]

        from pspm_export.writers.coreml.writer import convert, forget_date

        image = ct.TensorType(name=IMAGE, shape=tuple(x.shape), dtype=np.float32)
        found = ct.TensorType(name=output, dtype=np.float32)
        with quiet():
            lowered = lower(fold_norms(network))
            model = convert(lowered, (x,), [image], found, type(network).__name__, full=True)
            forget_date(model)
            model.save(str(path))

    def run(self, path: Path, x: Tensor, output: str) -> Tensor:
        """See `TaskFile.run`. In the interpreter of MIL, since Core ML exists only on Apple's systems."""
        from pspm_export.writers.coreml.mil.program import Program

        return Program(path).run({IMAGE: x})[output]


def task_file(name: str) -> TaskFile:
    """The file of a format. Raises PspmError, which names the extra, if its converter is not installed.

    The converters' warnings are hidden where the writers import them.
    """
    with needs_extra("export"):
        if name == "onnx":
            import pspm_export.writers.onnx.writer

            return OnnxFile()
        if name == "tflite":
            import pspm_export.writers.tflite.writer

            return TFLiteFile()
        if name == "coreml":
            import pspm_export.writers.coreml.writer  # noqa: F401

            return CoreMLFile()
    raise ModelError(f"there is no format named {name!r}; the formats are {', '.join(FORMATS)}")
