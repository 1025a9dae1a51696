"""People to put into scenes: cut-outs, reduced or enlarged without a fringe."""

from dataclasses import dataclass

import cv2
import numpy as np

from pspm.data.folders.pairs import Pair

# A person is cut off at a side of the cut-out where this share of the side is person.
CUT_OFF = 0.02


@dataclass(frozen=True)
class Person:
    """A cut-out, cropped to what is visible of it.

    colours: (H, W, 4) float32, RGB multiplied by alpha, and alpha, both in [0, 255].
    cut_below: whether the person goes on below the cut-out. cut_elsewhere: above it or beside it.
    """

    name: str
    colours: np.ndarray
    cut_below: bool
    cut_elsewhere: bool

    @classmethod
    def read(cls, pair: Pair) -> "Person":
        """Read a cut-out. Raises ValueError if it cannot be read, or nothing of it is opaque."""
        image, alpha = pair.read()
        if alpha.max() <= 127:
            raise ValueError(f"{pair.alpha} shows nobody: its alpha is nowhere above one half; remove it")
        top, bottom, left, right = (
            int(np.count_nonzero(side > 127)) > CUT_OFF * len(side)
            for side in (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1])
        )
        x, y, width, height = cv2.boundingRect((alpha > 0).astype(np.uint8))
        visible = (slice(y, y + height), slice(x, x + width))
        share = alpha[visible][..., None].astype(np.float32)
        colours = np.dstack([image[visible] * (share / 255), share])
        return cls(pair.image.stem, colours, bottom, top or left or right)

    def scaled(self, height: float) -> np.ndarray:
        """The colours at the size where the person, which is alpha above one half, has a height in pixels.

        Averages areas to reduce, interpolates linearly to enlarge: never a colour that the person does not have.
        """
        scale = height / self.body[1]
        size = tuple(max(1, round(side * scale)) for side in self.colours.shape[1::-1])
        return cv2.resize(self.colours, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)

    @property
    def body(self) -> tuple[int, int]:
        """Width and height of the person, which is alpha above one half, in pixels of the cut-out."""
        _, _, width, height = cv2.boundingRect((self.colours[..., 3] > 127).astype(np.uint8))
        return width, height
