"""The formats that a network can be exported to, one row each. `writers.find_writer` gives the writer of a row."""

from dataclasses import dataclass
from pathlib import Path

from pspm_runtime.errors import ModelError


@dataclass(frozen=True)
class Format:
    """A file format.

    file: the name of the model in a bundle; a folder for Core ML.
    precisions: those that the writer offers; calibrated: those of them that need calibration pictures.
    flexible: whether one file can take any size. lists_sizes: whether a file that cannot takes several sizes.
    native: whether the format's own engine runs on this machine. If not, an interpreter replaces it, and latency and
    memory cannot be measured.
    """

    name: str
    file: str
    precisions: tuple[str, ...]
    calibrated: tuple[str, ...]
    flexible: bool
    lists_sizes: bool = False
    native: bool = True


FORMATS = {
    row.name: row
    for row in (
        Format(
            name="onnx",
            file="model.onnx",
            precisions=("fp32", "fp16-weights", "fp16", "int8"),
            calibrated=("int8",),
            flexible=True,
        ),
        Format(
            name="tflite",
            file="model.tflite",
            precisions=("fp32", "fp16", "dynamic-int8", "int8"),
            calibrated=("int8",),
            flexible=False,
        ),
        Format(
            name="coreml",
            file="model.mlpackage",
            precisions=("fp32", "fp16", "int8", "palette6"),
            calibrated=(),
            flexible=True,
            lists_sizes=True,
            native=False,
        ),
    )
}
PRECISIONS = tuple(dict.fromkeys(precision for row in FORMATS.values() for precision in row.precisions))


def format_of(model: Path) -> Format:
    """Find the format of a saved model by its suffix. Raises ModelError for any other suffix."""
    for row in FORMATS.values():
        if model.suffix == Path(row.file).suffix:
            return row
    endings = ", ".join(Path(row.file).suffix for row in FORMATS.values())
    raise ModelError(f"{model} is not a model file; give one that ends in {endings}")
