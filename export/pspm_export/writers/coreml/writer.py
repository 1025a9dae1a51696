"""A network as a Core ML package: photo in as an image, alpha out, the preprocessing and the weights inside."""

from collections.abc import Sequence
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pspm_runtime.errors import ModelError
from pspm_runtime.files.atomic_write import atomic_write
from torch import Tensor

from pspm.bn_folding import fold_norms
from pspm.networks import LONGEST_SIDE, MattingNetwork
from pspm_export.bundle import WEIGHTS_LICENCE
from pspm_export.plan.export_spec import Target, enumerated
from pspm_export.plan.formats import FORMATS, Run
from pspm_export.plan.trimap_input import TRIMAP, blank, feed
from pspm_export.writers.converter_output import quiet
from pspm_export.writers.coreml.mil.program import Program
from pspm_export.writers.lowering import AlphaOnly, lower

with quiet():
    import coremltools as ct  # type: ignore[import-untyped]
    import coremltools.optimize.coreml as compression  # type: ignore[import-untyped]

# Weights of so many numbers get a palette: below, coremltools clusters with scikit-learn, which may find other centres.
PALETTES = 10_000
TARGET = ct.target.iOS16


def write(
    network: MattingNetwork,
    path: Path,
    *,
    precision: str,
    size: tuple[int, int],
    dynamic: bool,
    calibration: Sequence[Tensor],
) -> None:
    """Write a trained network, see `formats.Writer`, for iOS 16, macOS 13 and later.

    Without `dynamic` the package takes `enumerated` sizes, which is what Apple's compiler can prepare the Neural Engine
    for; with it, all up to `LONGEST_SIDE`, but only multiples of `MULTIPLE` are right: Core ML cannot express a step,
    so the package says so in words. The calibration is not looked at, because only weights are compressed: "int8" and
    "palette6" are "fp16" with smaller weights. "fp32" is for comparing: phones compute in half precision.
    """
    Target(FORMATS["coreml"], precision, size, dynamic).check(network.MULTIPLE)
    if network.takes_trimap and not dynamic:
        raise ModelError("Core ML lists the sizes of one input alone, and a trimap is a second; leave out --size")
    with quiet(), atomic_write(path) as unfinished:
        model = _compressed(_convert(network, precision, _shape(size, network.MULTIPLE, dynamic)), precision)
        _describe(model, network, precision)
        model.save(str(unfinished))


def interface(precision: str) -> dict[str, Any]:
    """The manifest's "input" and "output". Images are Core ML's own: a CVPixelBuffer, 8 bits a channel."""
    array = {"name": "alpha", "layout": "NCHW", "type": "float32", "range": [0, 1]}
    grey = {"name": "alpha", "layout": "image", "type": "grayscale float16", "range": [0, 1]}
    return {
        "input": {
            "name": "image",
            "layout": "image",
            "type": "uint8",
            "colours": "RGB",
            "range": [0, 255],
            "mean": [0, 0, 0],
            "std": [1 / 255, 1 / 255, 1 / 255],
        },
        "output": array if precision == "fp32" else grey,
    }


def open(path: Path) -> Run:  # noqa: A001 - every format's module has one
    """Run the saved package in `mil`: (1, 3 or 4, H, W) float32 in [-1, 1] to alpha (1, 1, H, W) in [0, 1].

    The picture becomes the 0..255 that Core ML is given, but is not rounded to 8 bits, so that what is left of a
    difference is the file's. Raises ModelError for a size that the package does not take.
    """
    program = Program(path)
    image, *_ = program.specification.description.input

    def run(x: np.ndarray) -> np.ndarray:
        _check_size(path, image.type.imageType, *x.shape[2:])
        inputs = {name: torch.from_numpy(part) for name, part in feed(list(program.inputs), x).items()}
        return program.run(inputs | {image.name: inputs[image.name] * 127.5 + 127.5})["alpha"].numpy()

    return run


def operators(path: Path) -> dict[str, int]:
    """How often each kind of operator occurs in the saved program, the most frequent first."""
    return dict(Program(path).operators.most_common())


def weights(path: Path) -> list[np.ndarray]:
    """The weights of the file's convolutions, as it computes with them: float32, (O, I / groups, h, w) each."""
    program = Program(path)
    names = (step.inputs["weight"][0] for step in program.steps if step.kind == "conv")
    constants = (program.constants.get(name) for name in names)
    return [weight.numpy() for weight in constants if isinstance(weight, Tensor)]


def _convert(network: MattingNetwork, precision: str, shape: Any) -> Any:
    examples = blank(network, shape.default[2:])
    with torch.no_grad():
        traced = torch.jit.trace(lower(fold_norms(AlphaOnly(network))), examples, check_trace=False)
    full = precision == "fp32"
    # a float16 image would round away what fp32 is for
    alpha = (
        ct.TensorType(name="alpha", dtype=np.float32)
        if full
        else ct.ImageType(name="alpha", color_layout=ct.colorlayout.GRAYSCALE_FLOAT16)
    )
    try:
        return ct.convert(
            traced,
            convert_to="mlprogram",
            inputs=_inputs(shape)[: len(examples)],
            outputs=[alpha],
            minimum_deployment_target=TARGET,
            compute_precision=ct.precision.FLOAT32 if full else ct.precision.FLOAT16,
            skip_model_load=True,
        )
    except (ValueError, NotImplementedError, RuntimeError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise ModelError(
            f"{type(network).__name__} cannot be written for Core ML ({reason}); export it to onnx"
        ) from None


def _inputs(shape: Any) -> list[Any]:
    """The picture, and a trimap of the same height and width."""
    image = ct.ImageType(name="image", shape=shape, scale=1 / 127.5, bias=[-1, -1, -1], color_layout=ct.colorlayout.RGB)
    if isinstance(shape, ct.EnumeratedShapes):
        return [image]
    trimap = ct.Shape((1, 1, *shape.shape[2:]), default=(1, 1, *shape.default[2:]))
    return [image, ct.TensorType(name=TRIMAP, shape=trimap, dtype=np.float32)]


def _shape(size: tuple[int, int], multiple: int, dynamic: bool) -> Any:
    default = (1, 3, *size)
    if dynamic:
        height, width = (ct.RangeDim(multiple, LONGEST_SIDE, default=side) for side in size)
        return ct.Shape((1, 3, height, width), default=default)
    return ct.EnumeratedShapes([(1, 3, *shape) for shape in enumerated(size, multiple)], default=default)


def _compressed(model: Any, precision: str) -> Any:
    if precision == "int8":
        linear = compression.OpLinearQuantizerConfig(mode="linear_symmetric", dtype="int8")
        return compression.linear_quantize_weights(model, compression.OptimizationConfig(linear))
    if precision == "palette6":
        palette = compression.OpPalettizerConfig(mode="kmeans", nbits=6, weight_threshold=PALETTES)
        return compression.palettize_weights(model, compression.OptimizationConfig(palette))
    return model


def _describe(model: Any, network: MattingNetwork, precision: str) -> None:
    package, multiple = metadata("pspm"), str(network.MULTIPLE)
    model.author = "PSPM"
    model.license = WEIGHTS_LICENCE
    model.version = package["Version"]
    model.short_description = package["Summary"]
    model.input_description["image"] = f"The photo, scaled so that both sides are multiples of {multiple}."
    model.output_description["alpha"] = "How much of each pixel is the person, from 0 to 1, in the size of the image."
    del model.user_defined_metadata["com.github.apple.coremltools.conversion_date"]  # the same network, the same file
    model.user_defined_metadata["pspm.network"] = type(network).__name__
    model.user_defined_metadata["pspm.precision"] = precision
    model.user_defined_metadata["pspm.multiple"] = multiple


def _check_size(path: Path, image: Any, height: int, width: int) -> None:
    if image.WhichOneof("SizeFlexibility") == "enumeratedSizes":
        sizes = [(size.height, size.width) for size in image.enumeratedSizes.sizes]
        if (height, width) not in sizes:
            known = ", ".join(f"{w}x{h}" for h, w in sizes)
            raise ModelError(f"{path} takes no {width}x{height}; it takes {known}")
        return
    span = image.imageSizeRange
    for side, limits in ((height, span.heightRange), (width, span.widthRange)):
        if not limits.lowerBound <= side <= limits.upperBound:
            raise ModelError(
                f"{path} takes no {width}x{height}; its sides are {limits.lowerBound} to {limits.upperBound}"
            )
