"""Write Core ML packages: the photo in as an image, alpha out, with preprocessing and weights inside."""

from collections.abc import Sequence
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pspm_runtime.engines.engine import Engine
from pspm_runtime.errors import ModelError
from pspm_runtime.files.atomic_write import atomic_write
from torch import Tensor, nn

from pspm.bn_folding import fold_norms
from pspm.networks import LONGEST_SIDE, MattingNetwork
from pspm.networks.input_range import PIXEL_OFFSET, PIXEL_SCALE
from pspm_export.plan.export_spec import ExportSpec
from pspm_export.plan.trimap_input import IMAGE, TRIMAP, zero_inputs
from pspm_export.plan.weights_terms import WEIGHTS_LICENCE
from pspm_export.writers.converter_output import quiet
from pspm_export.writers.coreml.engine import CoreMLEngine
from pspm_export.writers.coreml.mil.program import Program
from pspm_export.writers.lowering import AlphaOnly, lower
from pspm_export.writers.writer import Writer

with quiet():
    import coremltools as ct  # type: ignore[import-untyped]
    import coremltools.optimize.coreml as compression  # type: ignore[import-untyped]

# The fewest weights that get a palette. For smaller tensors coremltools clusters with scikit-learn, whose centres may
# differ.
PALETTE_WEIGHTS = 10_000
TARGET = ct.target.iOS16


class CoreMLWriter(Writer):
    """Writes packages for iOS 16, macOS 13 and later.

    A package that is not dynamic lists its sizes, so that Apple's compiler can prepare the Neural Engine for them. A
    dynamic one takes all sides up to `LONGEST_SIDE`. Only multiples of the network's are right; Core ML cannot express
    this, so the package's description says it.
    Only weights are compressed, so calibration pictures are not used: "int8" and "palette6" are "fp16" with smaller
    weights. "fp32" is for comparison: phones compute in half precision.
    """

    def write(self, network: MattingNetwork, path: Path, spec: ExportSpec, calibration: Sequence[Tensor] = ()) -> None:
        """See `Writer.write`."""
        if spec.takes_trimap and not spec.dynamic:
            raise ModelError("Core ML can list the sizes of one input, and a trimap is a second one; leave out --size")
        with quiet(), atomic_write(path) as unfinished:
            model = _compressed(_convert(network, spec), spec.precision)
            _describe(model, network, spec)
            model.save(str(unfinished))

    def interface(self, precision: str) -> dict[str, Any]:
        """See `Writer.interface`. Images are Core ML's own: a CVPixelBuffer with 8 bits a channel."""
        array = {"name": "alpha", "layout": "NCHW", "type": "float32", "range": [0, 1]}
        grey = {"name": "alpha", "layout": "image", "type": "grayscale float16", "range": [0, 1]}
        return {
            "input": {
                "name": IMAGE,
                "layout": "image",
                "type": "uint8",
                "colours": "RGB",
                "range": [0, 255],
                "mean": [0, 0, 0],
                "std": [1 / 255, 1 / 255, 1 / 255],
            },
            "output": array if precision == "fp32" else grey,
        }

    def open_engine(self, path: Path, spec: ExportSpec) -> Engine:
        """See `Writer.open_engine`. It is the interpreter of MIL, since Core ML exists only on Apple's systems."""
        return CoreMLEngine(path, spec.size_rule)

    def operator_counts(self, path: Path) -> dict[str, int]:
        """See `Writer.operator_counts`."""
        return dict(Program(path).operators.most_common())

    def convolution_weights(self, path: Path) -> list[np.ndarray]:
        """See `Writer.convolution_weights`."""
        program = Program(path)
        names = (step.inputs["weight"][0] for step in program.steps if step.kind == "conv")
        constants = (program.constants.get(name) for name in names)
        return [weight.numpy() for weight in constants if isinstance(weight, Tensor)]


def _convert(network: MattingNetwork, spec: ExportSpec) -> Any:
    full = spec.precision == "fp32"
    # In fp32 alpha is an array, because a float16 image would round away what fp32 is for.
    alpha = (
        ct.TensorType(name="alpha", dtype=np.float32)
        if full
        else ct.ImageType(name="alpha", color_layout=ct.colorlayout.GRAYSCALE_FLOAT16)
    )
    lowered = lower(fold_norms(AlphaOnly(network)))
    kind = type(network).__name__
    return convert(lowered, zero_inputs(network, spec.size), _inputs(spec), alpha, kind, full=full)


def convert(
    network: nn.Module, examples: tuple[Tensor, ...], inputs: list[Any], output: Any, kind: str, *, full: bool
) -> Any:
    """The package of a lowered network. kind: what the message calls it. full: compute in float32, not float16.

    examples: to trace the network with. inputs, output: their Core ML types.
    Raises ModelError if Core ML cannot express the network.
    """
    with torch.no_grad():
        traced = torch.jit.trace(network, examples, check_trace=False)
    try:
        return ct.convert(
            traced,
            convert_to="mlprogram",
            inputs=inputs,
            outputs=[output],
            minimum_deployment_target=TARGET,
            compute_precision=ct.precision.FLOAT32 if full else ct.precision.FLOAT16,
            skip_model_load=True,
        )
    except (ValueError, NotImplementedError, RuntimeError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise ModelError(f"{kind} cannot be written for Core ML ({reason}); export it to onnx") from None


def _inputs(spec: ExportSpec) -> list[Any]:
    """The image, and a trimap of the same height and width if the network takes one."""
    default = (1, 3, *spec.size)
    if not spec.dynamic:
        return [_image(ct.EnumeratedShapes([(1, 3, *size) for size in spec.sizes], default=default))]
    sides = [ct.RangeDim(spec.multiple, LONGEST_SIDE, default=side) for side in spec.size]
    image = _image(ct.Shape((1, 3, *sides), default=default))
    if not spec.takes_trimap:
        return [image]
    trimap = ct.Shape((1, 1, *sides), default=(1, 1, *spec.size))
    return [image, ct.TensorType(name=TRIMAP, shape=trimap, dtype=np.float32)]


def _image(shape: Any) -> Any:
    return ct.ImageType(
        name=IMAGE, shape=shape, scale=PIXEL_SCALE, bias=[PIXEL_OFFSET] * 3, color_layout=ct.colorlayout.RGB
    )


def _compressed(model: Any, precision: str) -> Any:
    if precision == "int8":
        linear = compression.OpLinearQuantizerConfig(mode="linear_symmetric", dtype="int8")
        return compression.linear_quantize_weights(model, compression.OptimizationConfig(linear))
    if precision == "palette6":
        palette = compression.OpPalettizerConfig(mode="kmeans", nbits=6, weight_threshold=PALETTE_WEIGHTS)
        return compression.palettize_weights(model, compression.OptimizationConfig(palette))
    return model


def _describe(model: Any, network: MattingNetwork, spec: ExportSpec) -> None:
    """Fill in the metadata that Xcode shows."""
    package = metadata("pspm")
    model.author = "PSPM"
    model.license = WEIGHTS_LICENCE
    model.version = package["Version"]
    model.short_description = package["Summary"]
    model.input_description[IMAGE] = f"The photo, scaled so that both sides are multiples of {spec.multiple}."
    model.output_description["alpha"] = "How much of each pixel is the person, from 0 to 1, in the size of the image."
    forget_date(model)
    model.user_defined_metadata["pspm.network"] = type(network).__name__
    model.user_defined_metadata["pspm.precision"] = spec.precision
    model.user_defined_metadata["pspm.multiple"] = str(spec.multiple)


def forget_date(model: Any) -> None:
    """Remove the date, so that the same network gives the same file."""
    del model.user_defined_metadata["com.github.apple.coremltools.conversion_date"]
