"""Run an order: a file in, a file out, with its times and its sound."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from pspm_runtime.errors import NoPersonError, OutputError, PspmError, VideoError
from pspm_runtime.files.atomic_write import atomic_write
from pspm_runtime.files.photo import Photo
from pspm_runtime.model import Model
from pspm_runtime.stages import bokeh, compose
from pspm_runtime.stages.foreground import estimate_foreground
from pspm_runtime.video.background import Background, open_video_background
from pspm_runtime.video.matting import Shot, shots
from pspm_runtime.video.order import Order
from pspm_runtime.video.pipeline import Ahead, interruptible
from pspm_runtime.video.reader import Frame, VideoReader
from pspm_runtime.video.temporal_filter import steadied
from pspm_runtime.video.writer import FramesWriter, VideoWriter, Writer

# Foreground colours vary slowly, and a frame is shown for a moment only: a coarser grid than a photo's is enough.
FOREGROUND_GRID = 256
_LONGEST_NAME = 1000


class Progress(NamedTuple):
    """How far a video is. frames: finished. total: frames in all, as far as the header of the file tells."""

    frames: int
    total: int | None


@dataclass
class Outcome:
    """What became of a video.

    path: the result. frames: how many it has. empty: frames without a person. left_out: a sentence for each stream
    that could not be taken along.
    """

    path: Path
    frames: int = 0
    empty: int = 0
    left_out: list[str] = field(default_factory=list)


def run(order: Order, model: Model, progress: Callable[[Progress], None] | None = None) -> Outcome:
    """Process a video. progress: called after each frame, from another thread.

    The result appears under its name when it is complete. If the video cannot be read to its end, the disk is full,
    or Ctrl-C is pressed, what is finished is kept as a file that plays, NAME.unfinished.SUFFIX, and the error or a
    note of the KeyboardInterrupt says so; where nothing is finished, nothing is kept.
    Raises VideoError also for damage that cost some frames, and NoPersonError where nobody is found, after the result
    was written.
    """
    with ExitStack() as opened:
        reader = opened.enter_context(closing(VideoReader(order.path, order.start, order.duration)))
        background: Background | None = None
        if order.background is not None:
            background = open_video_background(order.background, reader.size, reader.colour.profile)
            opened.callback(background.close)
        outcome = Outcome(order.out)
        job = _Job(order, model, reader, background, outcome, progress)
        try:
            with atomic_write(order.out, replace=order.force or order.codec is None) as temporary:
                job.work(temporary)
        except FileExistsError:
            raise OutputError(
                f"{order.out} exists already; give --force to replace it, or choose another name"
            ) from None
        except OSError as error:
            raise OutputError(
                f"{order.out} cannot be written: {error.strerror or error}; choose another place"
            ) from None
    if reader.lost or reader.cut_short:
        raise VideoError(f"{order.path} {_damage(reader)}; {order.out} has the other {outcome.frames} frames")
    if outcome.empty == outcome.frames:
        raise NoPersonError(f"no person was found in any frame of {order.path}; {order.out} was written all the same")
    return outcome


class _Job:
    def __init__(
        self,
        order: Order,
        model: Model,
        reader: VideoReader,
        background: Background | None,
        outcome: Outcome,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self._order, self._model, self._reader = order, model, reader
        self._background, self._outcome, self._progress = background, outcome, progress
        self._writer: Writer | None = None

    def work(self, temporary: Path) -> None:
        """Write the result to a temporary path. What is finished of it is kept if that fails."""
        try:
            interruptible(lambda stop: self._write_all(temporary, stop))
        except (PspmError, KeyboardInterrupt) as error:
            kept = self._keep(temporary)
            if kept is None:
                raise
            note = f"{kept} has the first {self._outcome.frames} frames"
            if isinstance(error, PspmError):
                raise type(error)(f"{error}; {note}") from None
            error.add_note(note)
            raise
        except OSError as error:
            kept = self._keep(temporary)
            if kept is None:
                raise
            raise OutputError(
                f"{self._order.out} cannot be written: {error.strerror or error}; {kept} has the first "
                f"{self._outcome.frames} frames"
            ) from None
        except BaseException:
            if self._writer:
                self._writer.abandon()
            raise

    def _write_all(self, temporary: Path, stop: threading.Event) -> None:
        with ExitStack() as stages:
            frames = stages.enter_context(Ahead((frame, frame.photo) for frame in self._reader.frames()))
            looked = stages.enter_context(Ahead(steadied(shots(self._model, frames))))
            results = stages.enter_context(Ahead(self._results(looked)))
            for frame, image in results:
                if self._writer is None:
                    self._writer = self._open(temporary, image.size)
                self._writer.write(image, frame.time, frame.duration)
                self._outcome.frames += 1
                if self._progress:
                    self._progress(Progress(self._outcome.frames, self._reader.total))
                if stop.is_set():
                    return
        assert self._writer is not None  # noqa: S101 - the reader has found a frame
        self._writer.close(complete=self._order.duration is None)
        self._writer = None

    def _open(self, temporary: Path, size: tuple[int, int]) -> Writer:
        if self._order.codec is None:
            return FramesWriter(temporary, self._reader)
        writer = VideoWriter(temporary, self._order.codec, self._reader, size, with_sound=self._order.sound)
        self._outcome.left_out = writer.left_out
        return writer

    def _results(self, looked: Iterator[Shot[Frame]]) -> Iterator[tuple[Frame, Image.Image]]:
        for shot in looked:
            self._outcome.empty += not shot.has_person
            yield shot.frame, self._result(shot)

    def _result(self, shot: Shot[Frame]) -> Image.Image:
        order, photo, matte = self._order, shot.photo, shot.matte
        if order.matte:
            return matte
        if order.blur is not None:
            return bokeh.blur_background(photo, matte, order.blur, FOREGROUND_GRID)
        if self._background is not None:
            behind = self._background.at(shot.frame.time * self._reader.time_base)
            return Image.composite(estimate_foreground(photo.image, matte, FOREGROUND_GRID), behind, matte)
        if order.stacked:
            return stacked(photo, matte)
        return compose.cut_out(photo, matte, FOREGROUND_GRID)

    def _keep(self, temporary: Path) -> Path | None:
        """Close what is finished and give it a name of its own. Returns that, or None if nothing plays."""
        writer, self._writer = self._writer, None
        if writer is None or self._outcome.frames == 0:
            return None
        try:
            writer.close(complete=False)
        except (OSError, ValueError):
            writer.abandon()
            return None
        kept = _unfinished(self._order.out)
        os.replace(temporary, kept)  # noqa: PTH105 - the same for files and folders
        return kept


def stacked(photo: Photo, matte: Image.Image) -> Image.Image:
    """The foreground, with black where the matte is 0, and the matte below it: RGB of twice the height.

    A player multiplies the lower half with the upper one. Each half has an even height, as 4:2:0 needs.
    """
    height = photo.image.height + photo.image.height % 2
    both = Image.new("RGB", (photo.image.width, 2 * height))
    cut = compose.cut_out(photo, matte, FOREGROUND_GRID)
    both.paste(cut.convert("RGB"))
    both.paste(matte.convert("RGB"), (0, height))
    return both


def _damage(reader: VideoReader) -> str:
    parts = []
    if reader.lost:
        parts.append(f"is damaged in {reader.lost} {'place' if reader.lost == 1 else 'places'}")
    if reader.cut_short:
        parts.append("ends before its header says")
    return " and ".join(parts)


def _unfinished(out: Path) -> Path:
    """A free name for the finished part of a result."""
    for number in range(1, _LONGEST_NAME):
        extra = "" if number == 1 else f"-{number}"
        path = out.with_name(f"{out.stem}.unfinished{extra}{out.suffix}")
        if not os.path.lexists(path):
            return path
    raise OutputError(f"there are too many unfinished results beside {out}; remove them")
