"""The base class of all writers."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pspm_runtime.engines.engine import Engine
from torch import Tensor

from pspm.networks import MattingNetwork
from pspm_export.plan.export_spec import ExportSpec


class Writer(ABC):
    """Writes, opens and inspects the files of one format."""

    @abstractmethod
    def write(self, network: MattingNetwork, path: Path, spec: ExportSpec, calibration: Sequence[Tensor] = ()) -> None:
        """Write a trained network to exactly `path`, whole or not at all.

        network: in eval mode. spec: of this format and network.
        calibration: pictures, (1, 3, H, W) in [-1, 1], from which a quantised file learns its ranges.
        Raises ModelError if the format cannot express the network, OSError if the file cannot be written.
        """

    @abstractmethod
    def interface(self, precision: str) -> dict[str, Any]:
        """The manifest's "input", without its size, and "output"."""

    @abstractmethod
    def open_engine(self, path: Path, spec: ExportSpec) -> Engine:
        """Open a saved file on one thread. Raises ModelError for a file that is not a model of this format."""

    @abstractmethod
    def operator_counts(self, path: Path) -> dict[str, int]:
        """How often each kind of operator occurs in a saved file, the most frequent first."""

    @abstractmethod
    def convolution_weights(self, path: Path) -> list[np.ndarray]:
        """The weights of a saved file's convolutions, (O, I / groups, h, w) each, float32 as the engine uses them."""
