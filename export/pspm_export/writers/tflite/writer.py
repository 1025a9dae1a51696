"""Write TFLite files of one size: pixels in, alpha out, with the scaling inside and only built-in operations."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pspm_runtime.engines.engine import Engine
from pspm_runtime.engines.litert import SIGNED, LiteRTEngine
from pspm_runtime.errors import ModelError
from pspm_runtime.files.atomic_write import atomic_write
from torch import Tensor, nn

from pspm.bn_folding import fold_norms
from pspm.networks import MattingNetwork
from pspm_export.plan.export_spec import ExportSpec
from pspm_export.plan.trimap_input import IMAGE, TRIMAP, zero_inputs
from pspm_export.writers.converter_output import quiet
from pspm_export.writers.lowering import AlphaOnly, lower
from pspm_export.writers.tflite.android_operators import refuse_newer
from pspm_export.writers.tflite.channels_last import ChannelsLast
from pspm_export.writers.tflite.flatbuffer import convolution_weights, operator_versions
from pspm_export.writers.tflite.quantisation import quantise_dynamically, quantise_fully, store_in_half
from pspm_export.writers.writer import Writer

with quiet():
    import litert_torch  # type: ignore[import-untyped]

litert_torch.config.show_progress = False


class TFLiteWriter(Writer):
    """Writes TFLite files: "image", (1, H, W, 3) RGB, and "trimap", (1, H, W, 1), if any, to "alpha", (1, H, W, 1).

    The image is float32 from 0 to 255 and alpha float32 from 0 to 1. In int8 both are int8, a byte minus 128, because
    XNNPACK has no unsigned ones. The trimap is float32: -1, 0 or 1.
    "fp16" stores weights in half the space; a CPU computes in float32, a GPU in float16.
    "dynamic-int8" quantises weights, and features while they are convolved. "int8" quantises everything except the
    sensitive layers, see `quantisation`.
    """

    def write(self, network: MattingNetwork, path: Path, spec: ExportSpec, calibration: Sequence[Tensor] = ()) -> None:
        """See `Writer.write`. Raises ModelError, too, if the file would not run in Android's engine."""
        if spec.calibrated:
            _check_calibration(spec, calibration)
        lowered = ChannelsLast(lower(fold_norms(AlphaOnly(network))), float_features=spec.precision != "int8").eval()
        model = convert(lowered, zero_inputs(network, spec.size))
        if spec.precision == "fp16":
            model = store_in_half(model)
        elif spec.precision == "dynamic-int8":
            model = quantise_dynamically(model)
        elif spec.precision == "int8":
            model = quantise_fully(model, calibration)
        refuse_newer(operator_versions(model))
        with atomic_write(path) as unfinished:
            unfinished.write_bytes(model)

    def interface(self, precision: str) -> dict[str, Any]:
        """See `Writer.interface`."""
        quantised = precision == "int8"
        kind = "int8" if quantised else "float32"
        return {
            "input": {
                "name": IMAGE,
                "layout": "NHWC",
                "type": kind,
                "colours": "RGB",
                "range": [-SIGNED, 255 - SIGNED] if quantised else [0, 255],
                "mean": [SIGNED / 255 if quantised else 0.0] * 3,
                "std": [1 / 255] * 3,
            },
            "output": {
                "name": "alpha",
                "layout": "NHWC",
                "type": kind,
                "range": [-SIGNED, 255 - SIGNED] if quantised else [0, 1],
            },
        }

    def open_engine(self, path: Path, spec: ExportSpec) -> Engine:
        """See `Writer.open_engine`."""
        return LiteRTEngine(path, threads=1)

    def operator_counts(self, path: Path) -> dict[str, int]:
        """See `Writer.operator_counts`."""
        counts: Counter[str] = Counter()
        for (kind, _), count in operator_versions(path.read_bytes()).items():
            counts[kind] += count
        return dict(counts.most_common())

    def convolution_weights(self, path: Path) -> list[np.ndarray]:
        """See `Writer.convolution_weights`."""
        return convolution_weights(path.read_bytes())


def convert(network: nn.Module, inputs: tuple[Tensor, ...]) -> bytes:
    """Convert a `ChannelsLast` network to a TFLite file in float32. inputs: to trace it with, (1, C, H, W).

    Raises ModelError if LiteRT cannot express the network.
    """
    sample = {name: x.permute(0, 2, 3, 1) for name, x in zip((IMAGE, TRIMAP), inputs, strict=False)}
    try:
        with quiet():
            model = litert_torch.convert(network, sample_kwargs=sample)
            return bytes(model.model_content())
    except OSError:  # a full disk is not the network's fault
        raise
    except Exception as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise ModelError(f"LiteRT cannot express the network ({reason}); export it to onnx") from error


def _check_calibration(spec: ExportSpec, calibration: Sequence[Tensor]) -> None:
    (height, width), precision = spec.size, spec.precision
    if any(tuple(image.shape) != (1, 3, height, width) for image in calibration or [torch.empty(0)]):
        raise ModelError(f"{precision} learns its ranges from pictures of {width}x{height}; give some to calibrate on")
