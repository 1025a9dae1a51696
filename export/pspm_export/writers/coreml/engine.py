"""Run a Core ML package in the interpreter of MIL."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from pspm_runtime.errors import ModelError
from pspm_runtime.stages.network_view import InputSize

from pspm_export.writers.coreml.mil.program import Program


class CoreMLEngine:
    """Runs a saved package as Core ML would: the photo is an image of 8 bits, the scaling is inside the package.

    size: the sizes of the views that the network takes.
    Raises ModelError for a package that cannot be read or interpreted.
    """

    def __init__(self, package: Path, size: InputSize) -> None:
        self._package, self._size = package, size
        self._program = Program(package)
        self._image, *_ = self._program.specification.description.input
        self._trimap = [name for name in self._program.inputs if name != self._image.name]

    @property
    def size(self) -> InputSize:
        """The sizes of the views that the network takes."""
        return self._size

    @property
    def takes_trimap(self) -> bool:
        """Whether the network needs a trimap beside the view."""
        return bool(self._trimap)

    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        """Predict the matte of a view, see `Engine.alpha`."""
        height, width = view.shape[:2]
        _check_size(self._package, self._image.type.imageType, height, width)
        inputs = {self._image.name: torch.from_numpy(np.array(view, np.float32)).permute(2, 0, 1)[None]}
        given = np.zeros((height, width), np.float32) if trimap is None else trimap
        inputs.update({name: torch.from_numpy(given)[None, None] for name in self._trimap})
        return self._program.run(inputs)["alpha"][0, 0].numpy()


def _check_size(package: Path, image: Any, height: int, width: int) -> None:
    """Raise ModelError for a size that the package does not list or whose sides are out of its range."""
    if image.WhichOneof("SizeFlexibility") == "enumeratedSizes":
        sizes = [(size.height, size.width) for size in image.enumeratedSizes.sizes]
        if (height, width) not in sizes:
            known = ", ".join(f"{w}x{h}" for h, w in sizes)
            raise ModelError(f"{package} does not take {width}x{height} pixels; it takes {known}")
        return
    span = image.imageSizeRange
    for side, limits in ((height, span.heightRange), (width, span.widthRange)):
        if not limits.lowerBound <= side <= limits.upperBound:
            raise ModelError(
                f"{package} does not take {width}x{height} pixels; its sides are {limits.lowerBound} to "
                f"{limits.upperBound}"
            )
