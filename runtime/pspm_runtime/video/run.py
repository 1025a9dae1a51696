"""Run an order: a file in, a file out, with its times and its sound."""

import os
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from pspm_runtime.errors import NoPersonError, OutputError, PspmError, VideoError
from pspm_runtime.files.atomic_write import atomic_write
from pspm_runtime.model import Model
from pspm_runtime.video.alpha_first import is_alpha_first
from pspm_runtime.video.background import Background, open_video_background
from pspm_runtime.video.container.reader import TimesError, VideoReader
from pspm_runtime.video.container.writer import WRITING_ERRORS, FramesWriter, VideoWriter, Writer
from pspm_runtime.video.effect import Effect
from pspm_runtime.video.order import Order
from pspm_runtime.video.pipeline import interruptible
from pspm_runtime.video.segments.in_turn import parts_in_turn
from pspm_runtime.video.segments.join import copying_writer, packets
from pspm_runtime.video.segments.plan import BLOCKS

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
        except WRITING_ERRORS as error:
            raise OutputError(
                f"{order.out} cannot be written: {error.strerror or error}; choose another place"
            ) from None
    check(order, outcome, job.lost, cut_short=job.cut_short)
    return outcome


def check(order: Order, outcome: Outcome, lost: int, *, cut_short: bool) -> None:
    """Raise VideoError for damage that cost some frames, and NoPersonError where nobody was found.

    lost, cut_short: as `VideoReader` has them.
    """
    if lost or cut_short:
        damage = _damage(lost, cut_short=cut_short)
        raise VideoError(f"{order.path} {damage}; {order.out} has the other {outcome.frames} frames")
    if outcome.empty == outcome.frames:
        raise NoPersonError(f"no person was found in any frame of {order.path}; {order.out} was written all the same")


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
        # As `VideoReader` counts them.
        self.lost, self.cut_short = 0, False

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
        except WRITING_ERRORS as error:
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
        if is_alpha_first(self._order, self._reader):
            try:
                self._write_parts(temporary, stop)
            except TimesError:  # it can be read from its beginning to its end only
                if self._writer:
                    self._writer.abandon()
                self._writer, self._outcome.frames, self._outcome.empty = None, 0, 0
                temporary.unlink(missing_ok=True)
            else:
                return
        self._write_frames(temporary, stop)

    def _write_parts(self, temporary: Path, stop: threading.Event) -> None:
        with closing(VideoReader(self._order.path, self._order.start, self._order.duration)) as reader:
            reader.check_times()
        matted, last, end = 0, -1, Fraction(0)

        def advance() -> None:
            nonlocal matted
            matted += 1
            self._show(matted)

        parts = parts_in_turn(self._order, self._model, self._reader, temporary.parent, stop, advance)
        with closing(parts):
            for path, part in parts:
                self.lost, end = self.lost + part.lost, max(end, part.end)
                if not part.times:
                    continue
                if self._outcome.frames and part.times[0][0] <= last:
                    raise TimesError(f"the times of {self._order.path} go back")
                last = part.times[-1][0]
                if self._writer is None:
                    self._writer = writer = copying_writer(temporary, self._order, self._reader, path)
                    self._outcome.left_out = writer.left_out
                for packet, (time, duration) in packets(path, part.times):
                    writer.copy(packet, time, time, duration)
                    self._outcome.frames += 1
                self._outcome.empty += part.empty
        if not stop.is_set():
            self.cut_short = self._reader.is_short(end)
            self._close()

    def _write_frames(self, temporary: Path, stop: threading.Event) -> None:
        effect = Effect(self._order, self._model, self._background, self._reader.time_base, self._reader.rate)
        with effect.results(self._reader.frames(BLOCKS)) as results:
            for frame, image, has_person in results:
                if self._writer is None:
                    self._writer = self._open(temporary, image.size)
                self._writer.write(image, frame.time, frame.duration)
                self._outcome.frames += 1
                self._outcome.empty += not has_person
                self._show(self._outcome.frames)
                if stop.is_set():
                    return
        self.lost, self.cut_short = self._reader.lost, self._reader.cut_short
        self._close()

    def _show(self, frames: int) -> None:
        if self._progress:
            self._progress(Progress(frames, self._reader.total))

    def _close(self) -> None:
        assert self._writer is not None  # noqa: S101 - the reader has found a frame
        self._writer.close(complete=self._order.duration is None)
        self._writer = None

    def _open(self, temporary: Path, size: tuple[int, int]) -> Writer:
        if self._order.codec is None:
            return FramesWriter(temporary, self._reader)
        writer = VideoWriter(temporary, self._order.codec, self._reader, size, with_sound=self._order.sound)
        self._outcome.left_out = writer.left_out
        return writer

    def _keep(self, temporary: Path) -> Path | None:
        """Close what is finished and give it a name of its own. Returns that, or None if nothing plays."""
        writer, self._writer = self._writer, None
        if writer is None or self._outcome.frames == 0:
            return None
        try:
            writer.close(complete=False)
        except (*WRITING_ERRORS, ValueError):
            writer.abandon()
            return None
        kept = _unfinished(self._order.out)
        os.replace(temporary, kept)  # noqa: PTH105 - the same for files and folders
        return kept


def _damage(lost: int, *, cut_short: bool) -> str:
    parts = []
    if lost:
        parts.append(f"is damaged in {lost} {'place' if lost == 1 else 'places'}")
    if cut_short:
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
