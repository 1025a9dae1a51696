"""Write ONNX files of one size or of any, in full, half or mixed precision, or quantised."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from pspm_runtime.engines.engine import Engine
from pspm_runtime.engines.onnx import OnnxEngine
from pspm_runtime.errors import ModelError
from pspm_runtime.files.atomic_write import atomic_write
from torch import Tensor, nn

from pspm.bn_folding import fold_norms
from pspm.networks import MattingNetwork
from pspm.networks.input_range import MEAN, STD
from pspm_export.plan.export_spec import ExportSpec
from pspm_export.plan.trimap_input import IMAGE, TRIMAP, zero_inputs
from pspm_export.writers.converter_output import quiet
from pspm_export.writers.lowering import AlphaOnly, lower
from pspm_export.writers.onnx.half import convert_to_half, halve_weights
from pspm_export.writers.onnx.int8 import quantise
from pspm_export.writers.onnx.pixel_shuffle import LARGER_CELL, stride_last_convolution
from pspm_export.writers.onnx.weights import convolution_weights
from pspm_export.writers.writer import Writer

OPSET = 18
# Precisions whose files are for ONNX Runtime on a CPU. In browsers, what makes them faster there makes them slower.
FOR_CPUS = ("fp16-weights", "int8")


class OnnxWriter(Writer):
    """Writes ONNX files: "image", (1, 3, H, W), and "trimap", (1, 1, H, W), if any, to "alpha", (1, 1, H, W).

    All of them are float32 in every precision. "fp16-weights" stores the weights in half the space and computes in
    float32: it is for CPUs, few of which are fast in float16. A dynamic file takes any multiples of the network's.
    """

    def write(self, network: MattingNetwork, path: Path, spec: ExportSpec, calibration: Sequence[Tensor] = ()) -> None:
        """See `Writer.write`."""
        inputs = zero_inputs(network, spec.size)
        model = trace(lower(fold_norms(AlphaOnly(network))), inputs, spec.multiple if spec.dynamic else None)
        if spec.precision == "fp16-weights":
            halve_weights(model)
        elif spec.precision == "fp16":
            model = convert_to_half(model)
        elif spec.precision == "int8":
            model = quantise(model, calibration)
        if spec.precision in FOR_CPUS and not spec.for_browsers and spec.multiple % LARGER_CELL == 0:
            stride_last_convolution(model)
        strip_metadata(model)
        onnx.checker.check_model(model)
        with atomic_write(path) as unfinished:
            onnx.save(model, str(unfinished))

    def interface(self, precision: str) -> dict[str, Any]:
        """See `Writer.interface`."""
        return {
            "input": {
                "name": IMAGE,
                "layout": "NCHW",
                "type": "float32",
                "colours": "RGB",
                "range": [-1, 1],
                "mean": [MEAN] * 3,
                "std": [STD] * 3,
            },
            "output": {"name": "alpha", "layout": "NCHW", "type": "float32", "range": [0, 1]},
        }

    def open_engine(self, path: Path, spec: ExportSpec) -> Engine:
        """See `Writer.open_engine`."""
        return OnnxEngine(path, spec.size_rule, trimap=TRIMAP if spec.takes_trimap else None, threads=1)

    def operator_counts(self, path: Path) -> dict[str, int]:
        """See `Writer.operator_counts`."""
        return dict(Counter(node.op_type for node in onnx.load(str(path)).graph.node).most_common())

    def convolution_weights(self, path: Path) -> list[np.ndarray]:
        """See `Writer.convolution_weights`."""
        return convolution_weights(onnx.load(str(path)))


def trace(
    network: nn.Module, inputs: tuple[Tensor, ...], multiple: int | None, output: str = "alpha"
) -> onnx.ModelProto:
    """The graph in float32, for sides of any multiples of `multiple`, or for the size of the inputs.

    network: lowered. output: its name in the file. Raises ModelError if ONNX cannot express the network.
    """
    names, shapes = [IMAGE, TRIMAP][: len(inputs)], None
    if multiple:
        height, width = torch.export.Dim("h", min=2, max=512), torch.export.Dim("w", min=2, max=512)
        shapes = tuple({2: multiple * height, 3: multiple * width} for _ in inputs)
    try:
        with quiet():
            program = torch.onnx.export(
                network,
                inputs,
                dynamo=True,
                opset_version=OPSET,
                external_data=False,
                input_names=names,
                output_names=[output],
                dynamic_shapes=shapes,
                verbose=False,
            )
    except (torch.onnx.errors.OnnxExporterError, RuntimeError) as error:
        cause = str(error.__cause__ or error).strip().splitlines()[0]
        raise ModelError(f"ONNX cannot express this network ({cause}); change the operator") from None
    assert program is not None  # noqa: S101 - only None when the exporter is asked to write the file itself
    return program.model_proto


def strip_metadata(model: onnx.ModelProto) -> None:
    """Remove the exporter's notes, which hold paths of the machine."""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    del model.graph.metadata_props[:]
    del model.metadata_props[:]
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        if hasattr(value, "metadata_props"):
            del value.metadata_props[:]
