"""Networks that take the previous frame's matte, as an engine: it keeps that matte from one view to the next."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from pspm_runtime.errors import ModelError
from pspm_runtime.looks.quality import Quality
from pspm_runtime.model import Model
from pspm_runtime.video.motion.cuts import CutDetector
from pspm_runtime.video.motion.motion import FINEST, levels, motion, sampled
from torch import Tensor

from pspm.checkpoint import load_network
from pspm.evaluation.torch_engine import TorchEngine
from pspm.networks import MattingNetwork


class PreviousMatteEngine(TorchEngine):
    """A `TorchEngine` whose network gets the matte of the view before, unless a scene begins or the size is another.

    Where the network wants it moved, the motion is the runtime's, of the person that the previous matte shows.
    """

    def __init__(self, network: MattingNetwork, threads: int | None = None) -> None:
        super().__init__(network, threads)
        self.begin()

    def begin(self) -> None:
        """Forget the view before: another clip begins."""
        self._is_cut = CutDetector()
        self._before: tuple[Image.Image, np.ndarray] | None = None

    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        """Predict the matte of a view, see `Engine.alpha`."""
        picture = Image.fromarray(np.ascontiguousarray(view))
        if self._is_cut(picture) or (self._before is not None and self._before[0].size != picture.size):
            self._before = None
        found = super().alpha(view, trimap)
        self._before = picture, found
        return found

    def given(self, image: Tensor, trimap: Tensor | None, view: np.ndarray) -> Tensor:
        """The network's input, with the matte of the view before."""
        if self._before is None:
            return self.network.given(image, trimap)
        picture, matte = self._before
        if self.network.moves_previous:
            matte = moved_matte(picture, matte, Image.fromarray(np.ascontiguousarray(view)))
        return self.network.given(image, trimap, torch.from_numpy(matte)[None, None])


def moved_matte(before: Image.Image, matte: np.ndarray, view: Image.Image) -> np.ndarray:
    """The matte of the view before, where its person is in a view of the same size: (h, w) float32 in [0, 1].

    The matte of the view itself is not known yet, so the previous one says in both which pixels count.
    """
    way = motion(levels(view, matte), levels(before, matte))
    height, width = matte.shape
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    flow = FINEST * way.pixels[:, down // FINEST, across // FINEST]
    moved: np.ndarray = sampled(matte, flow + np.stack([across, down]).astype(np.float32))
    return moved


def clip_model(checkpoint: Path, network: str | None, threads: int | None, quality: Quality) -> Model:
    """A training checkpoint as a model for clips. network: overrides the name stored in it.

    Raises ModelError for one that cannot be used, or needs a trimap.
    """
    try:
        trained = load_network(network, checkpoint)
    except (OSError, ValueError) as error:
        raise ModelError(str(error)) from None
    if trained.takes_trimap:
        raise ModelError(f"{checkpoint}: its network needs a trimap, which clips do not have; choose another one")
    return Model((PreviousMatteEngine if trained.takes_previous else TorchEngine)(trained, threads), quality=quality)


def begin_clip(model: Model) -> None:
    """Tell a model that the next frame begins another clip."""
    if isinstance(model.engine, PreviousMatteEngine):
        model.engine.begin()
