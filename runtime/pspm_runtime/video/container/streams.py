"""Streams beside the picture: sound and subtitles, copied packet for packet, or encoded again where they must be."""

import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError

from pspm_runtime.video.container.reader import copied_tags, open_input

# What sound is encoded to where a container does not take it as it is.
SOUND_CODECS = {"webm": "libopus", "matroska": "libopus"}
_USUAL_SOUND_CODEC = "aac"
_OPUS_RATE = 48_000


class OtherStreams:
    """The sound and the subtitles of a file, on their way into another one.

    They are read from the file a second time, as far as the picture has got, so that memory does not grow.
    begin, end: in seconds of the file; None for its end. shift: what is subtracted from all times, in seconds.
    left_out: a sentence for each stream that could not be taken along. Raises VideoError if it is not a video.
    """

    def __init__(
        self, path: Path, out: Any, begin: Fraction | None, end: Fraction | None, shift: Fraction = Fraction(0)
    ) -> None:
        self.left_out: list[str] = []
        self._begin, self._end, self._shift = begin, end, shift
        self._path = path
        self._container = open_input(path)
        self._out = out
        self._ways: dict[int, _Copy | _Encode] = {}
        for stream in (*self._container.streams.audio, *self._container.streams.subtitles):
            way = self._way(stream)
            if way is None:
                self.left_out.append(
                    f"{path}: {out.format.name} cannot hold its {_kind(stream)}, so the result has none of them"
                )
            else:
                self._ways[stream.index] = way
        if begin is not None and self._ways:
            try:
                self._container.seek(round(begin * 1_000_000))
            except FFmpegError:
                self._container.seek(0)
        self._packets = self._read()
        self._next = next(self._packets, None)

    def write_until(self, seconds: Fraction) -> None:
        """Write what is played before a time of the result."""
        while self._next is not None and self._time(self._next) <= seconds:
            self._out.mux(self._ways[self._next.stream.index].packets(self._next))
            self._next = next(self._packets, None)

    def finish(self, seconds: Fraction | None = None) -> None:
        """Write the rest, or what is played before a time of the result, and close the file."""
        if seconds is None:
            while self._next is not None:
                self.write_until(self._time(self._next))
        else:
            self.write_until(seconds)
        for way in self._ways.values():
            self._out.mux(way.rest())
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def _way(self, stream: Any) -> "_Copy | _Encode | None":
        if stream.codec_context is None:
            return None
        if _can_hold(self._out.format.name, stream, self._path):
            return _Copy(stream, self._out, self._shift)
        if stream.type != "audio":
            return None
        try:
            return _Encode(stream, self._out, self._shift)
        except (FFmpegError, ValueError):
            return None

    def _read(self) -> Iterator[Any]:
        """The packets from begin to end."""
        if not self._ways:
            return
        half = Fraction(1, 2000)
        packets = self._container.demux([self._container.streams[i] for i in self._ways])
        while True:
            try:
                packet = next(packets)
            except (StopIteration, FFmpegError):  # the reader of the picture says what is damaged
                return
            if not packet.size or _ticks(packet) is None:
                continue
            at = _ticks(packet) * packet.time_base
            if self._begin is not None and at < self._begin - half:
                continue
            if self._end is not None and at >= self._end - half:
                if self._container.streams[packet.stream.index].type == "audio":
                    return
                continue
            yield packet

    def _time(self, packet: Any) -> Fraction:
        return Fraction(_ticks(packet) * packet.time_base) - self._shift


class _Copy:
    """A stream whose packets are taken as they are."""

    def __init__(self, stream: Any, out: Any, shift: Fraction) -> None:
        self._shift = round(shift / stream.time_base)
        self._stream = out.add_stream_from_template(stream)
        self._stream.metadata.update(copied_tags(stream.metadata))
        self._stream.disposition = stream.disposition

    def packets(self, packet: Any) -> list[Any]:
        if packet.dts is not None:
            packet.dts -= self._shift
        if packet.pts is not None:
            packet.pts -= self._shift
        packet.stream = self._stream
        return [packet]

    def rest(self) -> list[Any]:
        return []


class _Encode:
    """A stream of sound that is decoded and encoded again."""

    def __init__(self, stream: Any, out: Any, shift: Fraction) -> None:
        codec = SOUND_CODECS.get(out.format.name, _USUAL_SOUND_CODEC)
        rate = _OPUS_RATE if codec == "libopus" else stream.codec_context.sample_rate
        self._shift = shift
        self._stream = out.add_stream(codec, rate=rate)
        context = self._stream.codec_context
        context.layout = "stereo" if stream.codec_context.layout.nb_channels > 1 else "mono"
        self._stream.metadata.update(copied_tags(stream.metadata))
        context.open()
        self._resampler = av.AudioResampler(context.format, context.layout, rate, context.frame_size or None)

    def packets(self, packet: Any) -> list[Any]:
        try:
            frames = packet.decode()
        except FFmpegError:  # a damaged packet is a gap
            return []
        return [new for frame in frames for new in self._encoded(frame)]

    def rest(self) -> list[Any]:
        left = [new for frame in self._resampler.resample(None) for new in self._stream.encode(frame)]
        return [*left, *self._stream.encode(None)]

    def _encoded(self, frame: Any) -> list[Any]:
        if frame.pts is not None:
            frame.pts -= round(self._shift / frame.time_base)
        return [new for part in self._resampler.resample(frame) for new in self._stream.encode(part)]


def _ticks(packet: Any) -> Any:
    """When a packet is shown or decoded, in units of its stream; None if it does not say."""
    return packet.dts if packet.pts is None else packet.pts


def _can_hold(container: str, stream: Any, path: Path) -> bool:
    """Whether a container takes the packets of a stream as they are. Only a trial tells, with a first packet."""
    try:
        with av.open(io.BytesIO(), "w", format=container) as trial, open_input(path) as source:
            copy = trial.add_stream_from_template(stream)
            trial.start_encoding()
            if stream.type == "audio":  # the first subtitle may be far into the file
                packet = next(source.demux(source.streams[stream.index]))
                packet.stream = copy
                trial.mux(packet)
    except (FFmpegError, ValueError, StopIteration):
        return False
    return True


def _kind(stream: Any) -> str:
    name = "sound" if stream.type == "audio" else "subtitles"
    codec = stream.codec_context.name if stream.codec_context else "an unknown codec"
    return f"{name} ({codec})"
