from collections.abc import Callable

import numpy as np
from pspm_runtime.stages.network_view import InputSize

from tests.runtime.pictures import disc

# Views of up to the area of a square of this side are small.
SMALL = 352


class FakeEngine:
    """An engine without a network. It answers an ellipse in the middle of every view, unless a test sets `answer`.

    answer: makes the alpha, (h, w) in [0, 1], of a width and a height.
    runs: the view and the trimap of each call. seen: those without the small views that tell how a photo is to be
    seen; of thumbnails every view is small, and all are in `seen`.
    """

    def __init__(self, answer: Callable[[int, int], np.ndarray] = disc, *, takes_trimap: bool = False) -> None:
        self.answer = answer
        self.takes_trimap = takes_trimap
        self.size = InputSize(512, 16, 1024)
        self.runs: list[tuple[np.ndarray, np.ndarray | None]] = []

    @property
    def seen(self) -> list[tuple[np.ndarray, np.ndarray | None]]:
        large = [run for run in self.runs if run[0].shape[0] * run[0].shape[1] > SMALL**2]
        return large or self.runs

    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        self.runs.append((view, trimap))
        height, width, _ = view.shape
        return self.answer(width, height)


def same_everywhere(alpha: float) -> Callable[[int, int], np.ndarray]:
    """Answer with this alpha at every pixel."""
    return lambda width, height: np.full((height, width), alpha, np.float32)


def failing(error: BaseException) -> Callable[[int, int], np.ndarray]:
    """Raise this error instead of an answer."""

    def answer(width: int, height: int) -> np.ndarray:
        raise error

    return answer
