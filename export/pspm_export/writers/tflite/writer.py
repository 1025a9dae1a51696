"""A network as a TFLite file of one size: pixels in, alpha out, the scaling inside, built-in operations only."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pspm_runtime.engines.litert import SIGNED, LiteRTEngine
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
from pspm_export.writers.tflite.android_engine import refuse_newer
from pspm_export.writers.tflite.channels_last import ChannelsLast

with quiet():
    import litert_torch  # type: ignore[import-untyped]
    from ai_edge_litert import schema_py_generated as schema  # type: ignore[import-untyped]
    from ai_edge_quantizer.quantizer import Quantizer  # type: ignore[import-untyped]

# The inverted residuals of the encoder's stages 1 and 2, whose channels are too different for one range.
SENSITIVE = r"encoder/[^/]*Sequential_[12]/.*InvertedResidual"
SIGNATURE = "serving_default"

INT8_FEATURES = {"num_bits": 8, "symmetric": False, "granularity": "TENSORWISE", "dtype": "INT"}
INT8_WEIGHTS = {"num_bits": 8, "symmetric": True, "granularity": "CHANNELWISE", "dtype": "INT"}
FP16_WEIGHTS = {"num_bits": 16, "symmetric": True, "granularity": "TENSORWISE", "dtype": "FLOAT"}
IN_HALF = {"weight_tensor_config": FP16_WEIGHTS, "compute_precision": "FLOAT", "explicit_dequantize": True}
DYNAMIC = {"weight_tensor_config": INT8_WEIGHTS, "compute_precision": "INTEGER"}
STATIC = {"activation_tensor_config": INT8_FEATURES, **DYNAMIC}

DEQUANTIZE = schema.BuiltinOperator.DEQUANTIZE
# How weights are turned to (O, I / groups, h, w).
CHANNELS_FIRST = {
    schema.BuiltinOperator.CONV_2D: (0, 3, 1, 2),
    schema.BuiltinOperator.DEPTHWISE_CONV_2D: (3, 0, 1, 2),
    schema.BuiltinOperator.FULLY_CONNECTED: (0, 1, 2, 3),
}

Rule = dict[str, Any]

litert_torch.config.show_progress = False


def write(
    network: MattingNetwork,
    path: Path,
    *,
    precision: str,
    size: tuple[int, int],
    dynamic: bool,
    calibration: Sequence[Tensor],
) -> None:
    """Write a trained network, see `formats.Writer`; "image", (1, H, W, 3) RGB, to "alpha", (1, H, W, 1).

    Both are float32, from 0 to 255 and from 0 to 1; with int8 both are int8, a byte less 128, for XNNPACK has no
    unsigned ones. "fp16" stores weights in half the space; a CPU computes in float32, a GPU in float16.
    "dynamic-int8" quantises weights, and features while they are convolved, "int8" everything but what is `SENSITIVE`.
    The input "trimap", (1, H, W, 1), where there is one, is float32 of -1, 0 and 1.
    Raises ModelError where the file would not run everywhere, and for what cannot be asked of it.
    """
    Target(FORMATS["tflite"], precision, size, dynamic).check(network.MULTIPLE)
    _check_pictures(precision, size, calibration)
    lowered = ChannelsLast(lower(fold_norms(AlphaOnly(network))), float_features=precision != "int8").eval()
    model = _convert(lowered, blank(network, size))
    if precision == "fp16":
        model = _quantise(model, [_rule("CONV_2D", IN_HALF), _rule("DEPTHWISE_CONV_2D", IN_HALF)])
    elif precision == "dynamic-int8":
        # Not of depthwise convolutions: they have few weights, and XNNPACK would leave them to a slower engine.
        model = _quantise(model, [_rule("CONV_2D", DYNAMIC)])
    elif precision == "int8":
        pools = any(kind == "MAX_POOL_2D" for kind, _ in _kinds(model))
        model = _quantise(model, _int8(pools), calibration)
    refuse_newer(_kinds(model))
    with atomic_write(path) as unfinished:
        unfinished.write_bytes(model)


def interface(precision: str) -> dict[str, Any]:
    """The manifest's "input" and "output"."""
    quantised = precision == "int8"
    kind = "int8" if quantised else "float32"
    return {
        "input": {
            "name": "image",
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


def open(path: Path) -> Run:  # noqa: A001 - every format's module has one
    """Run the saved file in LiteRT: (1, 3 or 4, H, W) float32 in [-1, 1] to alpha (1, 1, H, W) in [0, 1]."""
    engine = LiteRTEngine(path, threads=1)

    def run(image: np.ndarray) -> np.ndarray:
        inputs = feed(["image", TRIMAP], image)
        pixels = ((inputs["image"] + 1) * 127.5)[0].transpose(1, 2, 0)
        trimap = inputs[TRIMAP][0, 0] if engine.takes_trimap else None
        return engine.alpha(pixels, trimap)[None, None]

    return run


def operators(path: Path) -> dict[str, int]:
    """How often each kind of operator occurs in the saved file."""
    counts: Counter[str] = Counter()
    for (kind, _), count in _kinds(path.read_bytes()).items():
        counts[kind] += count
    return dict(counts.most_common())


def weights(path: Path) -> list[np.ndarray]:
    """The weights of the file's convolutions, as it computes with them: float32, (O, I / groups, h, w) each."""
    model = path.read_bytes()
    content = schema.ModelT.InitFromObj(schema.Model.GetRootAs(model, 0))
    found = []
    for graph in content.subgraphs:
        sources = {node.outputs[0]: node.inputs[0] for node in graph.operators if _code(content, node) == DEQUANTIZE}
        for node in graph.operators:
            code = _code(content, node)
            if code in CHANNELS_FIRST:
                tensor = graph.tensors[sources.get(node.inputs[1], node.inputs[1])]
                stored = _constant(model, content, tensor)
                if stored is None:  # a product of two features, as in attention
                    continue
                found.append(stored.reshape(stored.shape + (1,) * (4 - stored.ndim)).transpose(CHANNELS_FIRST[code]))
    return found


def _constant(model: bytes, content: Any, tensor: Any) -> np.ndarray | None:
    """A tensor of the file in float32; None if it is computed.

    Its bytes stand in its buffer, or behind the flat buffer where that says so.
    """
    kind = {schema.TensorType.FLOAT32: "f4", schema.TensorType.FLOAT16: "f2", schema.TensorType.INT8: "i1"}[tensor.type]
    buffer = content.buffers[tensor.buffer]
    data = model[buffer.offset : buffer.offset + buffer.size] if buffer.data is None else bytes(buffer.data)
    if not data:
        return None
    stored = np.frombuffer(data, kind).reshape(tensor.shape).astype(np.float32)
    if kind != "i1":
        return stored
    scales = np.asarray(tensor.quantization.scale, np.float32)
    shape = [1] * stored.ndim
    shape[tensor.quantization.quantizedDimension] = -1
    return stored * scales.reshape(shape)


def _check_pictures(precision: str, size: tuple[int, int], calibration: Sequence[Tensor]) -> None:
    if precision == "int8" and any(tuple(image.shape) != (1, 3, *size) for image in calibration or [torch.empty(0)]):
        raise ModelError(f"int8 learns its ranges from pictures of {size[1]}x{size[0]}; give some to calibrate on")


def _convert(network: nn.Module, inputs: tuple[Tensor, ...]) -> bytes:
    sample = {name: x.permute(0, 2, 3, 1) for name, x in zip(("image", TRIMAP), inputs, strict=False)}
    try:
        with quiet():
            model = litert_torch.convert(network, sample_kwargs=sample)
            return bytes(model.model_content())
    except OSError:  # a full disk says nothing of the network
        raise
    except Exception as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise ModelError(f"the network has what LiteRT cannot express ({reason}); export it to onnx") from error


def _quantise(model: bytes, rules: list[Rule], calibration: Sequence[Tensor] = ()) -> bytes:
    with quiet():
        ranges = _ranges(model, calibration) if calibration else None
        return bytes(Quantizer(model, rules).quantize(ranges, enable_progress_report=False).quantized_model)


def _ranges(model: bytes, calibration: Sequence[Tensor]) -> dict[str, Any]:
    """The least and the largest value of every feature, mean over the pictures."""
    pictures = [{"image": (image.permute(0, 2, 3, 1).numpy() + 1) * 127.5} for image in calibration]
    ranges: dict[str, Any] = Quantizer(model, [_rule("*", STATIC)]).calibrate({SIGNATURE: pictures}, num_threads=1)
    # Not what the pictures hold but what pixels can be, so that a byte means itself.
    ranges[f"{SIGNATURE}_image"] = {"min": np.zeros((1, 1, 1, 1)), "max": np.full((1, 1, 1, 1), 255.0)}
    return ranges


def _int8(pools: bool) -> list[Rule]:
    """The later rule wins. Softmax stays in float, for XNNPACK has no other.

    pools: what a lowered max pooling compares with its maxima, the sum that ends a stage, must be in 8 bits as these.
    """
    in_float = [_rule("SOFTMAX"), _rule("*", where=SENSITIVE)]
    compared = [_rule("ADD", STATIC, where=SENSITIVE)] if pools else []
    return [_rule("*", STATIC), *in_float, *compared]


def _rule(operation: str, config: Rule | None = None, where: str = ".*") -> Rule:
    """How operations of a kind and of names that match are stored and computed; without `config` in float."""
    algorithm = "min_max_uniform_quantize" if config else "no_quantize"
    if config is IN_HALF:
        algorithm = "float_casting"
    return {"regex": where, "operation": operation, "algorithm_key": algorithm, "op_config": config or {}}


def _kinds(model: bytes) -> Counter[tuple[str, int]]:
    """How often each kind of operator occurs, by name and version."""
    content = schema.ModelT.InitFromObj(schema.Model.GetRootAs(model, 0))
    names = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
    kinds: Counter[tuple[str, int]] = Counter()
    for graph in content.subgraphs:
        for node in graph.operators:
            kinds[names[_code(content, node)], content.operatorCodes[node.opcodeIndex].version] += 1
    return kinds


def _code(content: Any, node: Any) -> int:
    """Codes beyond a byte have a field of their own; older files have the byte alone."""
    code = content.operatorCodes[node.opcodeIndex]
    return max(code.builtinCode, code.deprecatedBuiltinCode)
