"""Run an order in segments, in this process or in several, and join them."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

from pspm_runtime.errors import OutputError, PspmError
from pspm_runtime.files.atomic_write import give_name
from pspm_runtime.model import Model
from pspm_runtime.video.container.reader import VideoReader
from pspm_runtime.video.container.writer import WRITING_ERRORS
from pspm_runtime.video.order import Order
from pspm_runtime.video.pipeline import interruptible
from pspm_runtime.video.run import Outcome, Progress, check
from pspm_runtime.video.segments.folder import SegmentsFolder
from pspm_runtime.video.segments.join import join
from pspm_runtime.video.segments.plan import Span, expected, spans
from pspm_runtime.video.segments.processes import Processes
from pspm_runtime.video.segments.recipe import recipe
from pspm_runtime.video.segments.segment import Segment
from pspm_runtime.video.segments.work import SegmentStoppedError, SegmentWork


def run_in_segments(
    order: Order, model: Model, jobs: int, progress: Callable[[Progress], None] | None = None, *, resume: bool
) -> Outcome:
    """Process a video in segments, which are kept beside the result until all are there, and then joined.

    jobs: in so many processes. resume: continue an earlier run of the same order.
    If the run ends early, its segments stay, and an error or a note of the KeyboardInterrupt says so.
    Raises what `run` raises, and OutputError for segments of another order.
    """
    with closing(VideoReader(order.path, order.start, order.duration)) as reader:
        facts = recipe(order, model)
        if not SegmentsFolder.is_there(order.out):
            reader.check_times()
        folder = SegmentsFolder(order.out, facts, resume=resume)
        run = _Run(order, model, reader, folder, progress)
        try:
            run.make_all(jobs)
            joined = folder.joined()
            outcome = interruptible(lambda stop: run.join(joined))
            give_name(joined, order.out, replace=order.force or order.codec is None)
        except (PspmError, *WRITING_ERRORS, KeyboardInterrupt) as error:
            raise run.with_note(error) from None
        finally:
            folder.close()
        folder.remove()
    lost = sum(segment.lost for segment in run.segments.values())
    check(order, outcome, lost, cut_short=reader.is_short(max(segment.end for segment in run.segments.values())))
    return outcome


class _Run:
    def __init__(
        self,
        order: Order,
        model: Model,
        reader: VideoReader,
        folder: SegmentsFolder,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self._order, self._model, self._reader, self._folder = order, model, reader, folder
        self._progress = progress
        self.segments: dict[int, Segment] = {}
        self._before = 0

    def make_all(self, jobs: int) -> None:
        """Make the segments that are not there yet."""
        pending = self._pending()
        first = next(pending, None)
        if first is None:
            return
        self._before = sum(len(segment.times) for segment in self.segments.values())
        pending = chain([first], pending)
        if jobs > 1:
            with Processes(self._order, self._model, jobs) as processes:
                processes.make(pending, self._made, self._show)
        else:
            interruptible(lambda stop: self._make_here(pending, stop))

    def join(self, path: Path) -> Outcome:
        """Join the segments to a file or a folder."""
        parts = [(self._folder.media(number), segment) for number, segment in sorted(self.segments.items())]
        left_out = join(self._order, self._reader, [part for part in parts if part[1].times], path)
        frames, empty = (sum(each) for each in zip(*((len(s.times), s.empty) for _, s in parts), strict=True))
        return Outcome(self._order.out, frames, empty, left_out)

    def with_note(self, error: BaseException) -> BaseException:
        """The error with a sentence that says what is kept. Where nothing is finished, nothing is kept."""
        out = self._order.out
        frames = sum(len(segment.times) for segment in self.segments.values())
        note = f"{self._folder.path} has {frames} finished frames; run it again with --resume to continue"
        if not frames:
            self._folder.remove()
        if isinstance(error, FileExistsError):
            return OutputError(f"{out} exists already; give --force and --resume to replace it")
        if isinstance(error, PspmError):
            return type(error)(f"{error}; {note}") if frames else error
        if isinstance(error, WRITING_ERRORS):
            end = note if frames else "choose another place"
            return OutputError(f"{out} cannot be written: {error.strerror or error}; {end}")
        if frames:
            error.add_note(note)
        return error

    def _make_here(self, pending: Iterator[tuple[Span, Path] | None], stop: threading.Event) -> None:
        made = 0

        def advance() -> None:
            nonlocal made
            made += 1
            self._show(made)

        with SegmentWork(self._order, self._model) as work:
            for span, unfinished in filter(None, pending):
                try:
                    self._made(span, work.make(span, unfinished, stop, advance))
                except SegmentStoppedError:
                    return

    def _pending(self) -> Iterator[tuple[Span, Path] | None]:
        """The segments that have to be made, and where. Those that are there are taken as they are.

        None: whether there are more is known when others are made. A header that says how long the video is may be
        wrong.
        """
        promised = expected(self._reader)
        for span in spans(self._reader):
            if promised is not None and span.number >= promised:
                while len(self.segments) < span.number:
                    yield None
            if (promised is None or span.number >= promised) and any(each.ended for each in self.segments.values()):
                return
            there = self._folder.segment(span.number)
            if there is None:
                yield span, self._folder.unfinished(span.number)
            else:
                self.segments[span.number] = there

    def _made(self, span: Span, segment: Segment) -> None:
        self._folder.add(span.number, segment)
        self.segments[span.number] = segment

    def _show(self, made: int) -> None:
        if self._progress:
            self._progress(Progress(self._before + made, self._reader.total))
