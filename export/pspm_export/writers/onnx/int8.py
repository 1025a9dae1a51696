"""Quantise ONNX files to 8 bits."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import onnxslim  # type: ignore[import-untyped]
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from torch import Tensor

from pspm_export.plan.float_layers import STAGES, STEM
from pspm_export.plan.trimap_input import IMAGE
from pspm_export.writers.converter_output import quiet

STEM_MODULE = f"network.encoder.stages.{STEM}."
# Beside them, all of the MatDecoder, which has few weights and makes the matte.
SENSITIVE = (*(f"network.encoder.stages.{stage}." for stage in STAGES), "network.mat_decoder.")


def quantise(model: onnx.ModelProto, calibration: Sequence[Tensor]) -> onnx.ModelProto:
    """Quantise to unsigned 8-bit features and signed 7-bit weights with a scale per channel, in QDQ format.

    With 8-bit weights, the engine's sums of two products overflow on processors that have AVX2 but not VNNI.
    All kinds of operators are quantised except in `SENSITIVE` and the stem. The range of a feature map is the mean of
    its ranges over the pictures; the widest range costs more accuracy.
    """
    with TemporaryDirectory() as folder, quiet():
        path = Path(folder) / "int8.onnx"
        slim = onnx.shape_inference.infer_shapes(onnxslim.slim(model))
        quantize_static(
            slim,
            path,
            _Pictures(calibration),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            nodes_to_exclude=_sensitive_nodes(slim.graph),
            extra_options={"CalibMovingAverage": True},
        )
        return onnx.load(str(path))


class _Pictures(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, pictures: Sequence[Tensor]) -> None:
        self.rest: Iterator[Tensor] = iter(pictures)

    def get_next(self) -> dict[str, np.ndarray] | None:
        picture = next(self.rest, None)
        return None if picture is None else {IMAGE: picture.numpy()}


def _sensitive_nodes(graph: onnx.GraphProto) -> list[str]:
    """The names of the nodes in the modules of `SENSITIVE`: those with weights, and those that follow them.

    Without a max pooling, those of the stem too. A lowered max pooling and its input are never among them: they would
    compare quantised maxima with a feature map that is not quantised.
    """
    pooled = {name for node in graph.node if node.op_type == "MaxPool" for name in node.input}
    sensitive = SENSITIVE if pooled else (STEM_MODULE, *SENSITIVE)
    owners: dict[str, tuple[int, str]] = {}  # for each feature map: the position of its node, and the latest weights
    names = []
    for i, node in enumerate(graph.node):
        weights = [name for name in node.input if name.startswith("network.")]
        if node.op_type == "MaxPool" or not (weights or owners.keys() & set(node.input)):
            owner = ""
        else:
            owner = weights[0] if weights else max(owners[name] for name in node.input if name in owners)[1]
        owners.update(dict.fromkeys(node.output, (i, owner)))
        if owner.startswith(sensitive) and not pooled & set(node.output):
            names.append(node.name)
    return names
