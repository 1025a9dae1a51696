"""Effect: what is shown of a camera's frames."""

import time
from fractions import Fraction
from typing import Any

from PIL import Image

from pspm_runtime.errors import PspmError
from pspm_runtime.files.photo import Photo
from pspm_runtime.stages import bokeh
from pspm_runtime.stages.foreground import FRAME_SIDE, estimate_foreground
from pspm_runtime.video.background import Background, open_video_background

# Of the blur where nothing else is asked for.
STRENGTH = 0.5


class LiveEffect:
    """Makes a picture of a frame and its matte.

    background: a colour, a picture or a video to put behind the person. blur: strength of the background's blur from
    0 to 1, None for the background; `STRENGTH` if neither is given. Raises PspmError for both, and for a wrong one.
    """

    def __init__(self, background: Any = None, blur: float | None = None) -> None:
        if background is not None and blur is not None:
            raise PspmError("a background and a blur exclude each other; choose one")
        self._given = background
        self._blur = STRENGTH if background is None and blur is None else blur
        if self._blur is not None:
            bokeh.check_strength(self._blur)
        self._behind: Background | None = None
        self._size: tuple[int, int] | None = None
        self._begin = time.monotonic()
        if background is not None:
            self._open((16, 16))  # a wrong one is refused before the camera is opened

    def close(self) -> None:
        """Close the background."""
        if self._behind is not None:
            self._behind.close()

    def picture(self, frame: Photo, matte: Image.Image) -> Image.Image:
        """The picture to show: RGB, of the frame's size."""
        if self._blur is not None:
            return bokeh.blur_background(frame, matte, self._blur, FRAME_SIDE)
        if frame.image.size != self._size:
            self._open(frame.image.size)
        assert self._behind is not None  # noqa: S101 - opened just now
        behind = self._behind.at(Fraction(time.monotonic() - self._begin))
        return Image.composite(estimate_foreground(frame.image, matte, FRAME_SIDE), behind, matte)

    def _open(self, size: tuple[int, int]) -> None:
        self.close()
        self._behind, self._size = open_video_background(self._given, size, None), size
        self._begin = time.monotonic()
