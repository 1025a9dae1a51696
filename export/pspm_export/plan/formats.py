"""The formats that a network can be saved in: one row each. What a format does is in the module that its row names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

from pspm_runtime.errors import ModelError
from pspm_runtime.extras import needs_extra

if TYPE_CHECKING:  # The command line reads this table each time that it starts.
    import numpy as np
    from torch import Tensor

    from pspm.networks import MattingNetwork

Run: TypeAlias = "Callable[[np.ndarray], np.ndarray]"


class Writer(Protocol):
    """What the module of a format offers."""

    def write(
        self,
        network: MattingNetwork,
        path: Path,
        *,
        precision: str,
        size: tuple[int, int],
        dynamic: bool,
        calibration: Sequence[Tensor],
    ) -> None:
        """Write a trained network of `pspm.networks`, in eval mode, to exactly `path`.

        size: (height, width) that is traced, and the only one unless `dynamic`; both multiples of `MULTIPLE`.
        calibration: pictures, (1, 3, H, W) in [-1, 1], from which a quantised file learns its ranges.
        Raises ModelError where the network has what the format cannot express.
        """

    def interface(self, precision: str) -> dict[str, Any]:
        """The manifest's "input" and "output" but for the input's size."""

    def open(self, path: Path) -> Run:
        """Run the saved file: (1, 3, H, W) float32 in [-1, 1] to alpha (1, 1, H, W) in [0, 1]."""

    def operators(self, path: Path) -> dict[str, int]:
        """How often each kind of operator occurs in the saved file."""

    def weights(self, path: Path) -> list[np.ndarray]:
        """The weights of the file's convolutions, as it computes with them: float32, (O, I / groups, h, w) each."""


@dataclass(frozen=True)
class Format:
    """One row.

    file: the name of the model in a bundle; a folder for Core ML.
    precisions: what `write` offers; calibrated: those of them that need pictures.
    flexible: whether one file takes any sizes. lists_sizes: whether one that does not takes several, see `target`.
    native: whether the format's own engine runs here; where it does not, `open` stands in and tells nothing of speed.
    """

    name: str
    file: str
    module: str
    precisions: tuple[str, ...]
    calibrated: tuple[str, ...]
    flexible: bool
    lists_sizes: bool = False
    native: bool = True

    def writer(self) -> Writer:
        """The module, imported when it is needed. Raises PspmError, which names the extra, without the converter."""
        with needs_extra("export"):
            return cast(Writer, import_module(self.module))


FORMATS = {
    row.name: row
    for row in (
        Format(
            name="onnx",
            file="model.onnx",
            module="pspm_export.writers.onnx",
            precisions=("fp32", "fp16-weights", "fp16", "int8"),
            calibrated=("int8",),
            flexible=True,
        ),
        Format(
            name="tflite",
            file="model.tflite",
            module="pspm_export.writers.tflite.writer",
            precisions=("fp32", "fp16", "dynamic-int8", "int8"),
            calibrated=("int8",),
            flexible=False,
        ),
        Format(
            name="coreml",
            file="model.mlpackage",
            module="pspm_export.writers.coreml.writer",
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
    """The format of a saved model by its suffix. Raises ModelError where it has none of ours."""
    for row in FORMATS.values():
        if model.suffix == Path(row.file).suffix:
            return row
    endings = ", ".join(Path(row.file).suffix for row in FORMATS.values())
    raise ModelError(f"{model} is no model file; those end in {endings}")
