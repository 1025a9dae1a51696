"""Work: make the segments of a video, one after the other."""

import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import av

from pspm_runtime.model import Model
from pspm_runtime.video.alpha_first import WrittenPart, is_alpha_first, write_alpha_first
from pspm_runtime.video.background import Background, open_video_background
from pspm_runtime.video.container.reader import VideoReader
from pspm_runtime.video.container.writer import FramesWriter, VideoWriter, Writer
from pspm_runtime.video.effect import Effect
from pspm_runtime.video.order import Order
from pspm_runtime.video.segments.plan import BLOCKS, Span
from pspm_runtime.video.segments.segment import Segment, checksum


class SegmentStoppedError(Exception):
    """The run was asked to end."""


class SegmentWork:
    """Makes segments. Use it as a context. Its segments must come in the order of the video.

    Raises PspmError for a video or a background that cannot be read.
    """

    def __init__(self, order: Order, model: Model) -> None:
        self._order = order
        with ExitStack() as opened:
            self._reader = opened.enter_context(closing(VideoReader(order.path, order.start, order.duration)))
            background: Background | None = None
            if order.background is not None:
                background = open_video_background(order.background, self._reader.size, self._reader.colour.profile)
                opened.callback(background.close)
            self._effect = Effect(order, model, background, self._reader.time_base, self._reader.rate)
            self._opened = opened.pop_all()

    def __enter__(self) -> "SegmentWork":
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def make(self, span: Span, unfinished: Path, stop: threading.Event, advance: Callable[[], None]) -> Segment:
        """Write the frames of a segment. The files are complete on the disk when this returns.

        stop: set to end early, which raises SegmentStoppedError. advance: called after each frame.
        Raises VideoError and OSError.
        """
        if is_alpha_first(self._order, self._reader):
            part = self.make_part(span, unfinished, stop, advance, unfinished=False)
            return _segment(unfinished, part, coded=True)
        reader, times, empty = self._reader, [], 0
        writer: Writer | None = None
        try:
            # Each matte depends on those of the frames around it, also across the ends of the segment.
            with self._effect.results(reader.part(span.begin, span.end, BLOCKS)) as results:
                for frame, image, has_person in results:
                    if writer is None:
                        writer = self._open(unfinished, image.size)
                    writer.write(image, frame.time, frame.duration)
                    times.append((frame.time, frame.duration))
                    empty += not has_person
                    advance()
                    if stop.is_set():
                        raise SegmentStoppedError
            if writer is not None:
                closed, writer = writer, None
                closed.close(complete=True)
        finally:
            if writer is not None:
                writer.abandon()
        part = WrittenPart(times, empty, reader.lost, reader.ended, reader.end)
        return _segment(unfinished, part, coded=self._order.codec is not None)

    def make_part(
        self, span: Span, path: Path, stop: threading.Event, advance: Callable[[], None], *, unfinished: bool
    ) -> WrittenPart:
        """Write the frames of a span as `write_alpha_first` does."""
        reader = self._reader
        part = write_alpha_first(
            self._effect,
            reader,
            lambda: reader.part(span.begin, span.end, BLOCKS),
            path,
            stop,
            advance,
            unfinished=unfinished,
        )
        if stop.is_set() and not unfinished:
            raise SegmentStoppedError
        return part

    def _open(self, path: Path, size: tuple[int, int]) -> Writer:
        codec = self._order.codec
        if codec is None:
            return FramesWriter(path, self._reader)
        return VideoWriter(path, codec, self._reader, size, with_sound=False, described=False)


def _segment(path: Path, part: WrittenPart, *, coded: bool) -> Segment:
    """What a file says of a segment that is complete at `path`. coded: whether it is a video, not a folder."""
    size, crc32 = checksum(path, sync=True) if part.times else (0, 0)
    delay = decoding_delay(path) if part.times and coded else 0
    return Segment(part.times, delay, part.empty, part.lost, part.ended, part.end, size, crc32)


def decoding_delay(path: Path) -> int:
    """How many frames are decoded before the time at which the first one of them is shown."""
    with av.open(f"file:{path}") as container:
        shown = [packet.pts or 0 for packet in container.demux(container.streams.video[0]) if packet.size]
    ranks = {time: rank for rank, time in enumerate(sorted(shown))}
    return max(place - ranks[time] for place, time in enumerate(shown))
