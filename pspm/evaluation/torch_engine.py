"""A network in torch behind the runtime's `Model`, so that a checkpoint is seen and refined exactly as a bundle is."""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from pspm_runtime import Model
from pspm_runtime.stages.network_view import InputSize
from torch import Tensor

from pspm.evaluation.metrics import shrink, true_trimap
from pspm.networks import MattingNetwork
from pspm.networks.input_range import PIXEL_OFFSET, PIXEL_SCALE


class TorchEngine:
    """An engine of a network in torch.

    truth: the alpha of the next picture, (H, W), for a network that is told the trimap.
    trimap: of the latest view, classes as (h, w) int; None for a network that is told it.
    """

    takes_trimap = False  # it gets the true one, from `truth`

    def __init__(self, network: MattingNetwork, threads: int | None) -> None:
        self.network = network.eval()
        self.threads = threads or torch.get_num_threads()
        self.told = network.takes_trimap
        self.truth: np.ndarray | None = None
        self.trimap: np.ndarray | None = None

    @property
    def size(self) -> InputSize:
        """The size that the network itself asks for."""
        return self.network.view_size

    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        """Predict the matte of a view, see `pspm_runtime.engines.engine.Engine`."""
        torch.set_num_threads(self.threads)
        pixels = np.asarray(view, np.float32) * np.float32(PIXEL_SCALE) + np.float32(PIXEL_OFFSET)
        image = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)[None]))
        with torch.inference_mode():
            matte = self.network(self.network.given(image, self._hint(image)))
            logits = F.interpolate(matte.trimap, image.shape[2:], mode="bilinear")
        self.trimap = None if self.told else logits[0].argmax(0).numpy()
        return np.clip(matte.alpha[0, 0].numpy(), 0, 1)

    def _hint(self, image: Tensor) -> Tensor | None:
        """The true trimap as -1, 0 and 1; None where there is no truth or the network takes no trimap."""
        if self.truth is None or not self.told:
            return None
        trimap = true_trimap(shrink(self.truth, image.shape[2:]))
        return torch.from_numpy(trimap.astype(np.float32) - 1)[None, None]


class TorchModel(Model):
    """A trained network with the input rule of the default model, at the size that the network itself asks for."""

    def __init__(self, network: MattingNetwork, checkpoint: Path, threads: int | None) -> None:
        self.session = TorchEngine(network, threads)
        super().__init__(self.session)
