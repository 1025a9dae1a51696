"""Quantise TFLite files, with the rules of ai-edge-quantizer."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Tensor

from pspm.networks.input_range import to_pixels
from pspm_export.plan.float_layers import DETAIL, STAGES, STEM
from pspm_export.plan.trimap_input import IMAGE
from pspm_export.writers.converter_output import quiet
from pspm_export.writers.tflite.flatbuffer import operator_versions

with quiet():
    from ai_edge_quantizer.calibrator import Calibrator  # type: ignore[import-untyped]
    from ai_edge_quantizer.quantizer import Quantizer  # type: ignore[import-untyped]
    from ai_edge_quantizer.recipe_manager import RecipeManager  # type: ignore[import-untyped]

# The layers that stay in float, see `float_layers`, as the converter names them.
SENSITIVE = rf"encoder/[^/]*Sequential_({'|'.join(map(str, STAGES))})/.*InvertedResidual"
# The scaling to [-1, 1] belongs to the stem. In 8 bits with a zero, the scaled pixels would be half a level off.
STEM_LAYERS = rf"Conv2d_scale|encoder/[^/]*Sequential_{STEM}/.*StridedConv2d"
# The converter calls one of their operations "mat_decoder;4".
DETAIL_LAYERS = rf"mat_decoder/.*Sequential_({'|'.join(DETAIL)})|mat_decoder;4"
SIGNATURE = "serving_default"

INT8_FEATURES = {"num_bits": 8, "symmetric": False, "granularity": "TENSORWISE", "dtype": "INT"}
INT8_WEIGHTS = {"num_bits": 8, "symmetric": True, "granularity": "CHANNELWISE", "dtype": "INT"}
FP16_WEIGHTS = {"num_bits": 16, "symmetric": True, "granularity": "TENSORWISE", "dtype": "FLOAT"}
IN_HALF = {"weight_tensor_config": FP16_WEIGHTS, "compute_precision": "FLOAT", "explicit_dequantize": True}
DYNAMIC = {"weight_tensor_config": INT8_WEIGHTS, "compute_precision": "INTEGER"}
STATIC = {"activation_tensor_config": INT8_FEATURES, **DYNAMIC}

Rule = dict[str, Any]
Range = dict[str, np.ndarray]  # "min" and "max" of a feature map


def store_in_half(model: bytes) -> bytes:
    """Store the weights of convolutions in float16."""
    return _quantise(model, [_rule("CONV_2D", IN_HALF), _rule("DEPTHWISE_CONV_2D", IN_HALF)])


def quantise_dynamically(model: bytes) -> bytes:
    """Store the weights of convolutions in int8, and quantise their features at run time.

    Depthwise convolutions stay as they are: they have few weights, and XNNPACK would leave them to a slower engine.
    """
    return _quantise(model, [_rule("CONV_2D", DYNAMIC)])


def quantise_fully(model: bytes, calibration: Sequence[Tensor]) -> bytes:
    """Quantise weights and features to int8 with ranges from pictures, (1, 3, H, W) in [-1, 1].

    Left in float are `SENSITIVE`, `STEM_LAYERS`, `DETAIL_LAYERS`, and softmax because XNNPACK has only that. A lowered
    max pooling compares the feature that ends a stage with its maxima, so both must be in 8 bits. So a network that
    pools has only `SENSITIVE` and softmax in float.
    """
    pools = any(kind == "MAX_POOL_2D" for kind, _ in operator_versions(model))
    layers = (SENSITIVE,) if pools else (STEM_LAYERS, SENSITIVE, DETAIL_LAYERS)
    in_float = [_rule("SOFTMAX"), _rule("*", where="|".join(layers))]
    compared = [_rule("ADD", STATIC, where=SENSITIVE)] if pools else []
    # A later rule overrides an earlier one.
    return _quantise(model, [_rule("*", STATIC), *in_float, *compared], calibration)


def _quantise(model: bytes, rules: list[Rule], calibration: Sequence[Tensor] = ()) -> bytes:
    with quiet():
        ranges = _ranges(model, calibration) if calibration else None
        return bytes(Quantizer(model, rules).quantize(ranges, enable_progress_report=False).quantized_model)


def _ranges(model: bytes, calibration: Sequence[Tensor]) -> dict[str, Any]:
    """The smallest and the largest value of every feature map, each the mean over the pictures, in any order.

    The quantiser's own moving average would mostly know the last 20 pictures.
    """
    with quiet():
        calibrator = Calibrator(model, num_threads=1, qsv_update_func=_add)
    everything = RecipeManager()
    everything.load_quantization_recipe([_rule("*", STATIC)])
    pictures = [{IMAGE: to_pixels(image.permute(0, 2, 3, 1).numpy())} for image in calibration]
    calibrator.calibrate({SIGNATURE: pictures}, everything)
    sums: dict[str, Range] = calibrator.get_model_qsvs()
    ranges = {name: {end: total / len(calibration) for end, total in ends.items()} for name, ends in sums.items()}
    # The full range of pixels, not that of the pictures, so that a byte of the input is a byte of the photo.
    ranges[f"{SIGNATURE}_{IMAGE}"] = {"min": np.zeros((1, 1, 1, 1)), "max": np.full((1, 1, 1, 1), 255.0)}
    return ranges


def _add(total: Range, picture: Range) -> Range:
    return {end: total[end] + picture[end] for end in ("min", "max")}


def _rule(operation: str, config: Rule | None = None, where: str = ".*") -> Rule:
    """How to store and compute operations of one kind whose names match `where`; in float without `config`."""
    algorithm = "min_max_uniform_quantize" if config else "no_quantize"
    if config is IN_HALF:
        algorithm = "float_casting"
    return {"regex": where, "operation": operation, "algorithm_key": algorithm, "op_config": config or {}}
