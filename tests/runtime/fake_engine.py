from collections.abc import Callable

import numpy as np
from pspm_runtime.stages.network_view import InputSize

from tests.runtime.pictures import disc


class FakeEngine:
    """An engine without a network. It answers an ellipse in the middle of every view, unless a test sets `answer`.

    answer: makes the alpha, (h, w) in [0, 1], of a width and a height.
    seen: the view and the trimap of each call.
    """

    def __init__(self, answer: Callable[[int, int], np.ndarray] = disc, *, takes_trimap: bool = False) -> None:
        self.answer = answer
        self.takes_trimap = takes_trimap
        self.size = InputSize(512, 16, 1024)
        self.seen: list[tuple[np.ndarray, np.ndarray | None]] = []

    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        self.seen.append((view, trimap))
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
