"""Effect: from the frames of a video to those of the result."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from typing import NamedTuple

from PIL import Image

from pspm_runtime.files.photo import Photo
from pspm_runtime.model import Model
from pspm_runtime.one_heap import give_back_memory
from pspm_runtime.stages import bokeh, compose
from pspm_runtime.stages.foreground import FRAME_SIDE, estimate_foreground
from pspm_runtime.video.background import Background
from pspm_runtime.video.container.reader import Frame
from pspm_runtime.video.matting import Shot
from pspm_runtime.video.order import Order
from pspm_runtime.video.pipeline import Ahead
from pspm_runtime.video.steady.between import spaced_shots
from pspm_runtime.video.steady.temporal_filter import steadied


class Result(NamedTuple):
    """A frame of a result. image: L, RGB or RGBA, as the order says. has_person: whether anybody is in it."""

    frame: Frame
    image: Image.Image
    has_person: bool


class Effect:
    """Makes the frames of a result.

    background: what is put behind the person, None for any other effect. time_base: seconds per unit of `Frame.time`.
    rate: frames a second, on the average.
    """

    def __init__(
        self, order: Order, model: Model, background: Background | None, time_base: Fraction, rate: Fraction
    ) -> None:
        self._order, self._model, self._background, self._time_base = order, model, background, time_base
        self._rate = rate

    @contextmanager
    def results(self, frames: Iterator[Frame]) -> Iterator[Iterator[Result]]:
        """Read, matte and compose frames, each in a thread of its own, while the context lasts."""
        with ExitStack() as stages:
            read = stages.enter_context(Ahead((frame, frame.photo) for frame in frames))
            looked = stages.enter_context(Ahead(steadied(self._looked_at(read))))
            yield stages.enter_context(Ahead(self._composed(looked)))

    @contextmanager
    def mattes(self, frames: Iterator[Frame]) -> Iterator[Iterator[Result]]:
        """Read and matte frames, with the matte, L, as the image of a result."""
        with ExitStack() as stages:
            read = stages.enter_context(Ahead((frame, frame.photo) for frame in frames))
            looked = stages.enter_context(Ahead(steadied(self._looked_at(read))))
            shots = (shot for shot in looked if shot.frame.counts)
            yield stages.enter_context(Ahead(Result(shot.frame, shot.matte, shot.has_person) for shot in shots))

    def rest(self) -> None:
        """Give the memory back that is kept for the next frame."""
        give_back = getattr(self._model.engine, "give_back_memory", None)
        if give_back is not None:
            give_back()
        give_back_memory()

    def _looked_at(self, read: Iterator[tuple[Frame, Photo]]) -> Iterator[Shot[Frame]]:
        return spaced_shots(self._model, read, self._number, lambda frame: frame.begins_anew)

    def _number(self, frame: Frame) -> int:
        """The number of a frame by its time, which is the same whatever part of the video is read."""
        return round(frame.time * self._time_base * self._rate)

    def _composed(self, looked: Iterator[Shot[Frame]]) -> Iterator[Result]:
        for shot in looked:
            if shot.frame.counts:
                yield Result(shot.frame, self._image(shot), shot.has_person)

    def _image(self, shot: Shot[Frame]) -> Image.Image:
        order, photo, matte = self._order, shot.photo, shot.matte
        if order.matte:
            return matte
        if order.blur is not None:
            return bokeh.blur_background(photo, matte, order.blur, FRAME_SIDE)
        if self._background is not None:
            behind = self._background.at(shot.frame.time * self._time_base)
            return Image.composite(estimate_foreground(photo.image, matte, FRAME_SIDE), behind, matte)
        if order.stacked:
            return stacked(photo, matte)
        return compose.cut_out(photo, matte, FRAME_SIDE)


def stacked(photo: Photo, matte: Image.Image) -> Image.Image:
    """The foreground, with black where the matte is 0, and the matte below it: RGB of twice the height.

    A player multiplies the lower half with the upper one. Each half has an even height, as 4:2:0 needs.
    """
    height = photo.image.height + photo.image.height % 2
    both = Image.new("RGB", (photo.image.width, 2 * height))
    cut = compose.cut_out(photo, matte, FRAME_SIDE)
    both.paste(cut.convert("RGB"))
    both.paste(matte.convert("RGB"), (0, height))
    return both
