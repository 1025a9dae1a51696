"""A network in torch behind the runtime's `Model`, so that a checkpoint is seen and refined exactly as a bundle is."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from pspm_runtime import DEFAULT_MODEL, Model
from pspm_runtime.bundle import open_bundle
from pspm_runtime.files.photo import MAX_MEGAPIXELS
from torch import Tensor

from pspm.evaluation.metrics import shrink, true_trimap
from pspm.networks import MattingNetwork


class TorchSession:
    """What `Model` needs of ONNX Runtime's session.

    truth: the alpha of the next picture, (H, W), for a network that is told the trimap.
    trimap: of the latest view, classes as (h, w) int; None for a network that is told it.
    """

    def __init__(self, network: MattingNetwork, threads: int | None) -> None:
        self.network = network.eval()
        self.threads = threads or torch.get_num_threads()
        self.told = network.takes_trimap
        self.truth: np.ndarray | None = None
        self.trimap: np.ndarray | None = None

    def get_inputs(self) -> list[Any]:
        """The only input."""
        return [SimpleNamespace(name="image")]

    def run(self, _: None, feed: dict[str, np.ndarray]) -> list[np.ndarray]:
        """The alpha, (1, 1, H, W), of {"image": (1, 3, H, W)}, both float32."""
        torch.set_num_threads(self.threads)
        image = torch.from_numpy(feed["image"])
        with torch.inference_mode():
            matte = self.network(self.network.given(image, self._hint(image)))
            logits = F.interpolate(matte.trimap, image.shape[2:], mode="bilinear")
        self.trimap = None if self.told else logits[0].argmax(0).numpy()
        return [matte.alpha.numpy()]

    def _hint(self, image: Tensor) -> Tensor | None:
        """The true trimap as -1, 0 and 1; None where there is no truth or the network takes no trimap."""
        if self.truth is None or not self.told:
            return None
        trimap = true_trimap(shrink(self.truth, image.shape[2:]))
        return torch.from_numpy(trimap.astype(np.float32) - 1)[None, None]


class TorchModel(Model):
    """A trained network with the input rule of the default model, at the size that the network itself asks for."""

    def __init__(self, network: MattingNetwork, checkpoint: Path, threads: int | None) -> None:
        default = open_bundle(DEFAULT_MODEL)
        self.bundle = replace(default, name=checkpoint.stem, model=checkpoint, size=network.view_size, facts={})
        self.max_megapixels = MAX_MEGAPIXELS
        self.session = self._session = TorchSession(network, threads)
