"""A network as an ONNX file: of one size or any, in full, half or mixed precision, or quantised."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import onnxruntime
import onnxslim  # type: ignore[import-untyped]
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.transformers.float16 import convert_float_to_float16
from onnxruntime.transformers.onnx_model import OnnxModel
from pspm_runtime.errors import ModelError
from pspm_runtime.files.atomic_write import atomic_write
from torch import Tensor, nn

from pspm.bn_folding import fold_norms
from pspm.networks import MattingNetwork
from pspm_export.plan.export_spec import Target
from pspm_export.plan.formats import FORMATS, Run
from pspm_export.plan.trimap_input import TRIMAP, blank, feed
from pspm_export.writers.converter_output import quiet
from pspm_export.writers.lowering import AlphaOnly, lower

OPSET = 18
# Smaller tensors stay float32. They make up 3 % of the weights, and among them are the layers in front of the first
# poolings, where a rounding moves maxima from one pixel of a cell to the next and so changes the matte itself.
LARGE = 16384
# What int8 leaves in float32: the encoder's stages 1 and 2, whose channels are too different for one range, and the
# MatDecoder, which has few weights and draws the matte. They were chosen on training pictures, see docs/export.md.
SENSITIVE = ("network.encoder.stages.1.", "network.encoder.stages.2.", "network.mat_decoder.")


def write(
    network: MattingNetwork,
    path: Path,
    *,
    precision: str,
    size: tuple[int, int],
    dynamic: bool,
    calibration: Sequence[Tensor],
) -> None:
    """Write a trained network, see `formats.Writer`; with `dynamic`, for H and W of any multiples of `MULTIPLE`.

    "fp16-weights" stores weights in half the space and computes in float32, for CPUs, few of which are fast in float16.
    In every precision the input "image", (1, 3, H, W), and the output "alpha", (1, 1, H, W), are float32, and so is
    the input "trimap", (1, 1, H, W), where there is one.
    """
    Target(FORMATS["onnx"], precision, size, dynamic).check(network.MULTIPLE)
    inputs = blank(network, size)
    model = _trace(lower(fold_norms(AlphaOnly(network))), inputs, network.MULTIPLE if dynamic else None)
    if precision == "fp16-weights":
        halve_weights(model)
    elif precision == "fp16":
        model = _in_half(model)
    elif precision == "int8":
        model = _quantised(model, calibration)
    strip_metadata(model)
    onnx.checker.check_model(model)
    with atomic_write(path) as unfinished:
        onnx.save(model, str(unfinished))


def interface(precision: str) -> dict[str, Any]:
    """The manifest's "input" and "output"."""
    return {
        "input": {
            "name": "image",
            "layout": "NCHW",
            "type": "float32",
            "colours": "RGB",
            "range": [-1, 1],
            "mean": [0.5, 0.5, 0.5],
            "std": [0.5, 0.5, 0.5],
        },
        "output": {"name": "alpha", "layout": "NCHW", "type": "float32", "range": [0, 1]},
    }


def open(path: Path) -> Run:  # noqa: A001 - every format's module has one
    """Run the saved file in ONNX Runtime: (1, 3 or 4, H, W) float32 in [-1, 1] to alpha (1, 1, H, W) in [0, 1]."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1  # as in every format, so that their speeds compare
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelError(f"{path} is not a model that ONNX Runtime can run ({error}); export it again") from None
    names = [entry.name for entry in session.get_inputs()]
    return lambda image: np.clip(session.run(None, feed(names, image))[0], 0, 1)


def operators(path: Path) -> dict[str, int]:
    """How often each kind of operator occurs in the saved file."""
    return dict(Counter(node.op_type for node in onnx.load(str(path)).graph.node).most_common())


def weights(path: Path) -> list[np.ndarray]:
    """The weights of the file's convolutions, as it computes with them: float32, (O, I / groups, h, w) each."""
    graph = onnx.load(str(path)).graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    found = []
    for node in graph.node:
        if node.op_type in ("Cast", "DequantizeLinear") and values.keys() >= set(node.input):
            stored, *scale = (values[name] for name in node.input)
            values[node.output[0]] = _dequantised(stored, *scale) if scale else stored
        elif node.op_type == "Conv" and node.input[1] in values:
            found.append(values[node.input[1]].astype(np.float32))
    return found


def halve_weights(model: onnx.ModelProto) -> None:
    """Store every large float32 initializer as float16 behind a Cast, which the engine folds away when it loads."""
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < LARGE:
            continue
        name, half = tensor.name, numpy_helper.to_array(tensor).astype(np.float16)
        tensor.CopyFrom(numpy_helper.from_array(half, f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    for i, cast in enumerate(casts):
        model.graph.node.insert(i, cast)


def strip_metadata(model: onnx.ModelProto) -> None:
    """Leave out the exporter's notes: they hold the paths of the machine that exported."""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    del model.graph.metadata_props[:]
    del model.metadata_props[:]
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        if hasattr(value, "metadata_props"):
            del value.metadata_props[:]


def _trace(network: nn.Module, inputs: tuple[Tensor, ...], multiple: int | None) -> onnx.ModelProto:
    """The graph in float32, of any multiples of `multiple`, or of one size."""
    names, shapes = ["image", TRIMAP][: len(inputs)], None
    if multiple:
        height, width = torch.export.Dim("h", min=2, max=512), torch.export.Dim("w", min=2, max=512)
        shapes = {name: {2: multiple * height, 3: multiple * width} for name in names}
    try:
        with quiet():
            program = torch.onnx.export(
                network,
                inputs,
                dynamo=True,
                opset_version=OPSET,
                external_data=False,
                input_names=names,
                output_names=["alpha"],
                dynamic_shapes=shapes,
                verbose=False,
            )
    except (torch.onnx.errors.OnnxExporterError, RuntimeError) as error:
        cause = str(error.__cause__ or error).strip().splitlines()[0]
        raise ModelError(f"ONNX cannot express this network ({cause}); change the operator") from None
    assert program is not None  # noqa: S101 - only None when the exporter is asked to write the file itself
    return program.model_proto


def _in_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """Computed in float16 but for what the converter knows to need more."""
    halved = OnnxModel(convert_float_to_float16(onnxslim.slim(model), keep_io_types=True))
    halved.topological_sort()
    return halved.model


class _Pictures(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, pictures: Sequence[Tensor]) -> None:
        self.rest: Iterator[Tensor] = iter(pictures)

    def get_next(self) -> dict[str, np.ndarray] | None:
        picture = next(self.rest, None)
        return None if picture is None else {"image": picture.numpy()}


def _quantised(model: onnx.ModelProto, calibration: Sequence[Tensor]) -> onnx.ModelProto:
    """Unsigned 8-bit activations, signed 7-bit weights with a scale for each channel, as pairs of Q and DQ.

    With weights of 8 bits the engine's sums of two products overflow on processors that have AVX2 and no VNNI. Of all
    kinds of operators but where they are `_sensitive`. A feature's range is the mean of its ranges over the
    pictures; the widest of them all costs more.
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
            nodes_to_exclude=_sensitive(slim.graph),
            extra_options={"CalibMovingAverage": True},
        )
        return onnx.load(str(path))


def _dequantised(stored: np.ndarray, scale: np.ndarray, zero: np.ndarray) -> np.ndarray:
    shape = (-1, *[1] * (stored.ndim - 1)) if scale.ndim else ()
    return (stored.astype(np.float32) - zero.reshape(shape).astype(np.float32)) * scale.reshape(shape)


def _sensitive(graph: onnx.GraphProto) -> list[str]:
    """The names of the nodes of the modules in `SENSITIVE`: those with weights, and those that follow them.

    Never of a lowered max pooling, nor of what it pools: it would compare quantised maxima with a feature that is not.
    """
    pooled = {name for node in graph.node if node.op_type == "MaxPool" for name in node.input}
    owners: dict[str, tuple[int, str]] = {}  # of each feature: the position of its node, and the latest weights
    names = []
    for i, node in enumerate(graph.node):
        weights = [name for name in node.input if name.startswith("network.")]
        if node.op_type == "MaxPool" or not (weights or owners.keys() & set(node.input)):
            owner = ""
        else:
            owner = weights[0] if weights else max(owners[name] for name in node.input if name in owners)[1]
        owners.update(dict.fromkeys(node.output, (i, owner)))
        if owner.startswith(SENSITIVE) and not pooled & set(node.output):
            names.append(node.name)
    return names
