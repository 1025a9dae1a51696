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
from pspm_runtime.photo import MAX_MEGAPIXELS

from pspm.networks import Network


class TorchSession:
    """What `Model` needs of ONNX Runtime's session. trimap: of the latest view, classes as (h, w) int."""

    def __init__(self, network: Network, threads: int | None) -> None:
        self.network = network.eval()
        self.threads = threads or torch.get_num_threads()
        self.trimap: np.ndarray | None = None

    def get_inputs(self) -> list[Any]:
        """The only input."""
        return [SimpleNamespace(name="image")]

    def run(self, _: None, feed: dict[str, np.ndarray]) -> list[np.ndarray]:
        """The alpha, (1, 1, H, W), of {"image": (1, 3, H, W)}, both float32."""
        torch.set_num_threads(self.threads)
        with torch.inference_mode():
            matte = self.network(torch.from_numpy(feed["image"]))
            logits = F.interpolate(matte.trimap, matte.alpha.shape[2:], mode="bilinear")
        self.trimap = logits[0].argmax(0).numpy()
        return [matte.alpha.numpy()]


class TorchModel(Model):
    """A trained network with the input rule of the default model, at multiples of the network's own `MULTIPLE`."""

    def __init__(self, network: Network, name: str, checkpoint: Path, threads: int | None) -> None:
        default = open_bundle(DEFAULT_MODEL)
        self.bundle = replace(
            default,
            name=name,
            network=name,
            model=checkpoint,
            size=replace(default.size, multiple=network.MULTIPLE),
            facts={},
        )
        self.max_megapixels = MAX_MEGAPIXELS
        self.session = self._session = TorchSession(network, threads)
