"""The contract between the stages of a photo and the engine that runs the network."""

from typing import Protocol

import numpy as np

from pspm_runtime.stages.network_view import InputSize


class Engine(Protocol):
    """Runs one matting network: ONNX Runtime, LiteRT, a torch network under evaluation, or a fake in a test.

    An engine scales the pixels as its network wants them. It may be called from several threads.
    """

    @property
    def size(self) -> InputSize:
        """The sizes of the views that the network takes."""

    @property
    def takes_trimap(self) -> bool:
        """Whether the network needs a trimap beside the view."""

    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        """Predict the matte of a view.

        view: RGB (h, w, 3) uint8, of a size that `size` allows.
        trimap: float32 (h, w), -1 background, 0 unknown, 1 foreground; only for a network that takes one, and None
            then means that everything is unknown.
        Returns float32 (h, w) in [0, 1]. Raises ModelError for a size that the network does not take.
        """
