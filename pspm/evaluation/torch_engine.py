"""Torch networks as an engine for the runtime's `Model`: a checkpoint goes through the same stages as a bundle."""

from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from pspm_runtime.errors import ModelError
from pspm_runtime.stages.network_view import InputSize
from torch import Tensor

from pspm.networks import MattingNetwork
from pspm.networks.input_range import PIXEL_OFFSET, PIXEL_SCALE

# Of the tiles of a network with a trimap, in pixels, unless the network has its own.
OVERLAP = 160


class TorchEngine:
    """Runs a torch network on the CPU. Implements `pspm_runtime.engines.engine.Engine`.

    threads: how many the network may use; None means torch's default.
    predicted_trimap: the network's own trimap of the first view since this was None, (h, w) int64: 0 background,
        1 unknown, 2 foreground. It stays None for a network that takes a trimap.
    """

    def __init__(self, network: MattingNetwork, threads: int | None = None) -> None:
        self.network = network.eval()
        self.threads = threads or torch.get_num_threads()
        self.predicted_trimap: np.ndarray | None = None

    @property
    def size(self) -> InputSize:
        """The sizes of the views that the network takes.

        A network with a trimap looks at the picture at its own size, in tiles, as the thesis's tables measure it.
        """
        size = self.network.view_size
        return replace(size, overlap=size.overlap or OVERLAP) if self.takes_trimap else size

    @property
    def takes_trimap(self) -> bool:
        """Whether the network needs a trimap beside the view."""
        return self.network.takes_trimap

    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        """Predict the matte of a view, see `Engine.alpha`."""
        height, width, _ = view.shape
        if height % self.network.MULTIPLE or width % self.network.MULTIPLE:
            raise ModelError(
                f"this network takes sides that are multiples of {self.network.MULTIPLE}, not {width}x{height}; "
                "resize the photo"
            )
        torch.set_num_threads(self.threads)
        pixels = view.astype(np.float32) * np.float32(PIXEL_SCALE) + np.float32(PIXEL_OFFSET)
        image = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)[None]))
        given = None if trimap is None else torch.from_numpy(trimap)[None, None]
        with torch.inference_mode():
            matte = self.network(self.given(image, given, view))
            if not self.takes_trimap and self.predicted_trimap is None:
                logits = F.interpolate(matte.trimap, image.shape[2:], mode="bilinear")
                self.predicted_trimap = logits[0].argmax(0).numpy()
        return matte.alpha[0, 0].clamp(0, 1).numpy()

    def given(self, image: Tensor, trimap: Tensor | None, view: np.ndarray) -> Tensor:
        """The network's input of a view, (h, w, 3) uint8. image: the same in [-1, 1], (1, 3, h, w)."""
        return self.network.given(image, trimap)
