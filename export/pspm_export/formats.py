"""The formats that a network can be saved in: one row each. What a format does is in the module that its row names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
from pspm_runtime.errors import ModelError
from pspm_runtime.extras import needs_extra
from torch import Tensor, nn

Run = Callable[[np.ndarray], np.ndarray]


class Writer(Protocol):
    """What the module of a format offers."""

    PRECISIONS: tuple[str, ...]

    def write(
        self,
        network: nn.Module,
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


@dataclass(frozen=True)
class Format:
    """One row.

    file: the name of the model in a bundle; a folder for Core ML.
    flexible: whether one file takes several sizes.
    native: whether the format's own engine runs here; where it does not, `open` stands in and tells nothing of speed.
    """

    name: str
    file: str
    module: str
    flexible: bool
    native: bool = True

    def writer(self) -> Writer:
        """The module, imported when it is needed. Raises PspmError, which names the extra, without the converter."""
        with needs_extra("export"):
            return cast(Writer, import_module(self.module))


FORMATS = {
    row.name: row
    for row in (
        Format("onnx", "model.onnx", "pspm_export.onnx", flexible=True),
        Format("tflite", "model.tflite", "pspm_export.tflite", flexible=False),
        Format("coreml", "model.mlpackage", "pspm_export.coreml", flexible=True, native=False),
    )
}


def format_of(model: Path) -> Format:
    """The format of a saved model by its suffix. Raises ModelError where it has none of ours."""
    for row in FORMATS.values():
        if model.suffix == Path(row.file).suffix:
            return row
    endings = ", ".join(Path(row.file).suffix for row in FORMATS.values())
    raise ModelError(f"{model} is no model file; those end in {endings}")
