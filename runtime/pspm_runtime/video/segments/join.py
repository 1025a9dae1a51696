"""Join: one result from segments, without encoding anything again."""

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import av

from pspm_runtime.errors import VideoError
from pspm_runtime.video.container.encoder import VP9
from pspm_runtime.video.container.reader import VideoReader
from pspm_runtime.video.container.writer import TIMES, FramesWriter, VideoWriter
from pspm_runtime.video.order import Order
from pspm_runtime.video.segments.segment import Segment


def join(order: Order, reader: VideoReader, parts: Sequence[tuple[Path, Segment]], path: Path) -> list[str]:
    """Join the frames of segments, with the sound and the tags of the video, into a file or folder at `path`.

    parts: frames and facts of each segment in their order, without those that have no frames.
    Returns a sentence for each stream that could not be taken along. Raises OSError.
    """
    times = [time for _, segment in parts for time, _ in segment.times]
    for time, following in pairwise(times):
        if following <= time:
            raise VideoError(
                f"the times of {order.path} go back after {float(time * reader.time_base):.2f} s; process it in one "
                "piece, without --resume and --jobs"
            )
    if order.codec is None:
        _join_folders(reader, parts, path)
        return []
    delay = max(segment.delay for _, segment in parts)
    decode_times = iter(_decode_times(times, delay))
    writer = copying_writer(path, order, reader, parts[0][0])
    try:
        for media, segment in parts:
            for packet, (time, duration) in packets(media, segment.times):
                writer.copy(packet, time, next(decode_times), duration)
        writer.close(complete=order.duration is None)
    except BaseException:
        writer.abandon()
        raise
    return writer.left_out


def _decode_times(times: list[int], delay: int) -> Iterator[int]:
    """When each packet is decoded, if up to `delay` frames are decoded ahead: as encoders count it."""
    delay = min(delay, len(times) - 1)
    ahead = times[delay] - times[0]
    return chain((time - ahead for time in times[:delay]), times[: len(times) - delay])


def copying_writer(path: Path, order: Order, reader: VideoReader, part: Path) -> VideoWriter:
    """A writer that copies packets of files such as `part`. One of VP9 opens no encoder, which takes much memory."""
    assert order.codec is not None  # noqa: S101 - folders are not joined so
    with av.open(f"file:{part}") as container:
        stream = container.streams.video[0]
        size = stream.width, stream.height
        template = stream if order.codec.name == VP9.name else None
        return VideoWriter(path, order.codec, reader, size, with_sound=order.sound, template=template)


def packets(media: Path, times: Sequence[tuple[int, int]]) -> "Iterator[tuple[av.Packet[Any], tuple[int, int]]]":
    """The packets of a segment in their order, with the time and the duration that each frame has.

    times: those, in the order in which frames are shown.

    Containers round times, so only their order is taken from the file.
    """
    with av.open(f"file:{media}") as container:
        shown = sorted(packet.pts or 0 for packet in container.demux(container.streams.video[0]) if packet.size)
    exact = dict(zip(shown, times, strict=True))
    with av.open(f"file:{media}") as container:
        for packet in container.demux(container.streams.video[0]):
            if packet.size:
                yield packet, exact[packet.pts or 0]


def _join_folders(reader: VideoReader, parts: Sequence[tuple[Path, Segment]], path: Path) -> None:
    writer = FramesWriter(path, reader)
    for media, segment in parts:
        frames = sorted(frame for frame in media.iterdir() if frame.name != TIMES)
        for frame, (time, _) in zip(frames, segment.times, strict=True):
            writer.take(frame, time)
    writer.close(complete=True)
