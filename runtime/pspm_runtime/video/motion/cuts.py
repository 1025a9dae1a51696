"""Cuts: where a video shows another scene from one frame to the next."""

import numpy as np
from PIL import Image

SIZE = (64, 36)
# Both must be exceeded at a cut: the mean difference of luma, which camera movements have too, in levels, and the share
# of the pixels whose colours are new, which they do not have.
DIFFERENCE, NEW_COLOURS = 20.0, 0.2
_BINS = 16


class CutDetector:
    """Called with the views of the frames one after the other, says of each whether it begins a new scene."""

    def __init__(self) -> None:
        self._luma: np.ndarray | None = None
        self._colours: np.ndarray | None = None

    def __call__(self, view: Image.Image) -> bool:
        """Whether there is a cut before a view, RGB of any size. The first view is no cut."""
        small = view.resize(SIZE, Image.Resampling.BOX)
        luma = np.asarray(small.convert("L"), np.float32)
        pixels = np.asarray(small).reshape(-1, 3) // (256 // _BINS)
        colours = np.stack([np.bincount(channel, minlength=_BINS) for channel in pixels.T]) / len(pixels)
        before, self._luma = self._luma, luma
        colours_before, self._colours = self._colours, colours
        if before is None or colours_before is None:
            return False
        new = float(np.maximum(colours - colours_before, 0).sum(1).mean())
        return float(np.abs(luma - before).mean()) > DIFFERENCE and new > NEW_COLOURS
