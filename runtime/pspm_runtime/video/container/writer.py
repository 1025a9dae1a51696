"""Writer: a video file, or a folder of PNG frames."""

import os
import shutil
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import av
import numpy as np
from av.bitstream import BitStreamFilterContext
from av.error import FFmpegError
from PIL import Image

from pspm_runtime.errors import OutputError
from pspm_runtime.files.encoding.encode_png import encode_png
from pspm_runtime.video.container.alpha_plane import COLOURS, add_alpha, without_alpha
from pspm_runtime.video.container.colour import StreamColour
from pspm_runtime.video.container.encoder import H264, PRORES_4444, VP9, VP9_WITH_ALPHA, VideoCodec, prepare_encoder
from pspm_runtime.video.container.reader import VideoReader
from pspm_runtime.video.container.streams import OtherStreams

if TYPE_CHECKING:
    from av.video.stream import VideoStream

# Without and with transparency, by the suffix of the file. A name without a suffix is a folder of PNG frames.
CODECS: dict[str, tuple[VideoCodec, VideoCodec | None]] = {
    ".mp4": (H264, None),
    ".m4v": (H264, None),
    ".mov": (H264, PRORES_4444),
    ".mkv": (H264, VP9_WITH_ALPHA),
    ".webm": (VP9, VP9_WITH_ALPHA),
}
# Without this, Matroska moves every time stamp if sound begins before 0, as AAC does.
_CONTAINER_OPTIONS = {".mkv": {"avoid_negative_ts": "disabled"}, ".mp4": {"movflags": "+faststart"}}
TIMES = "timestamps.txt"
# What writing raises: FFmpeg has errors that are not the system's.
WRITING_ERRORS = (OSError, FFmpegError)


def codec_for(path: Path, *, transparent: bool) -> VideoCodec | None:
    """The codec for an output by its suffix, None for a folder of frames.

    Raises OutputError for an unknown suffix, and for one that cannot hold transparency where it is needed.
    """
    suffix = path.suffix.lower()
    if not suffix or path.is_dir():
        return None
    if suffix not in CODECS:
        raise OutputError(f"{path} does not end in a known format; use {', '.join(CODECS)}, or a folder for frames")
    opaque, with_alpha = CODECS[suffix]
    if not transparent:
        return opaque
    if with_alpha is None:
        raise OutputError(
            f"{path} cannot hold transparency; use .webm, .mov or a folder, or put something behind the person (--with)"
        )
    return with_alpha


class Writer(Protocol):
    """Takes the frames of a result one after the other. Raises one of `WRITING_ERRORS` if they cannot be written."""

    def write(self, image: Image.Image, time: int, duration: int) -> None:
        """Write a frame, L, RGB or RGBA; times are in the units of the reader."""

    def close(self, *, complete: bool) -> None:
        """Write what is still to come and close the output; an incomplete one gets no sound behind its last frame."""

    def abandon(self) -> None:
        """Close the output as it is."""


class VideoWriter:
    """Writes a video file with the times, the tags, the sound and the subtitles of the file that was read.

    path: with the suffix of the format. reader: of the input. size: (width, height) of the frames; 4:2:0 needs even
    sides, so an odd one gets its last row or column twice, except in VP9. with_sound: whether to take sound along.
    described: whether to take tags and chapters along. template: the stream of a file that `copy` takes packets from,
    if nothing is to be encoded. alpha: what `encode_alpha` made of each frame, if only the colours are to be encoded.
    left_out: a sentence for each stream that could not be taken along.
    """

    def __init__(
        self,
        path: Path,
        codec: VideoCodec,
        reader: VideoReader,
        size: tuple[int, int],
        *,
        with_sound: bool = True,
        described: bool = True,
        template: "VideoStream | None" = None,
        alpha: Iterable[bytes] | None = None,
    ) -> None:
        self._colour: StreamColour = reader.colour
        self._time_base = reader.time_base
        self._pixel_format = codec.pixel_format
        self._is_h264 = codec == H264
        self._encodes = template is None
        self._alpha = None if alpha is None else iter(alpha)
        self._container: Any = av.open(f"file:{path}", "w", container_options=_CONTAINER_OPTIONS.get(path.suffix, {}))
        if template is None:
            stream: Any = self._container.add_stream(codec.name, rate=reader.rate, options=dict(codec.options))
            stream.time_base = reader.time_base
            width, height = (side + side % 2 if self._is_h264 else side for side in size)
            pixel_format = codec.pixel_format if alpha is None else COLOURS
            prepare_encoder(stream.codec_context, (width, height), pixel_format, reader)
            self._colour.tag(stream.codec_context)
            if alpha is not None:
                stream.metadata["alpha_mode"] = "1"
        else:
            stream = self._container.add_stream_from_template(template, opaque=True)
            stream.time_base = reader.time_base
            stream.codec_context.pix_fmt, stream.codec_context.framerate = codec.pixel_format, reader.rate
        self._stream = stream
        self._end = Fraction(0)
        self._filter: BitStreamFilterContext | None = None
        self._others: OtherStreams | None = None
        try:
            if described:
                reader.describe(self._container)
            if with_sound:
                begin, end, shift = reader.span
                self._others = OtherStreams(reader.path, self._container, begin, end, shift)
            self._container.start_encoding()
        except BaseException:
            self.abandon()
            raise
        self.left_out = self._others.left_out if self._others else []

    def write(self, image: Image.Image, time: int, duration: int) -> None:
        """Write a frame, and the sound that is played before it."""
        frame = self._colour.to_frame(_even(image) if self._is_h264 else image, self._pixel_format)
        frame.pts, frame.time_base, frame.duration = time, self._time_base, duration
        self._write_others(time, duration)
        if self._alpha is None:
            self._container.mux(self._stream.encode(frame))
            return
        for packet in self._stream.encode(without_alpha(frame)):
            add_alpha(packet, next(self._alpha))
            self._container.mux(packet)

    def copy(self, packet: "av.Packet[Any]", time: int, decode_time: int, duration: int) -> None:
        """Write a frame that the same codec with the same options has encoded, and the sound before it.

        packet: as it was read from a file of the same format.
        """
        for part in self._unpacked(packet):
            part.stream, part.time_base = self._stream, self._time_base
            part.pts, part.dts = time, decode_time
            part.duration = 0  # as from encoders; containers take the time to the next frame
            self._write_others(decode_time, 0)
            self._container.mux(part)
        self._end = max(self._end, (time + duration) * self._time_base)

    def _write_others(self, time: int, duration: int) -> None:
        if self._others:
            self._others.write_until(time * self._time_base)
        self._end = max(self._end, (time + duration) * self._time_base)

    def _unpacked(self, packet: "av.Packet[Any]") -> "list[av.Packet[Any]]":
        """A packet of H.264 as encoders give it: files store it in another form."""
        if not self._is_h264:
            return [packet]
        if self._filter is None:
            self._filter = BitStreamFilterContext("h264_mp4toannexb", packet.stream)
        return self._filter.filter(packet)

    def close(self, *, complete: bool) -> None:
        """Write what is still to come and close the file; an incomplete one gets no sound behind its last frame."""
        if self._encodes:
            self._container.mux(self._stream.encode(None))
        if self._others:
            self._others.finish(None if complete else self._end)
        self._container.close()

    def abandon(self) -> None:
        """Close the file as it is."""
        if self._others:
            self._others.close()
        try:
            self._container.close()
        except WRITING_ERRORS:
            return  # the caller reports the first error


class FramesWriter:
    """Writes numbered PNG files into a new folder, 000001.png on, and their times in milliseconds into `TIMES`.

    The times are in the format "timestamp format v2" of Matroska's tools, because frames may be unevenly spaced.
    """

    def __init__(self, folder: Path, reader: VideoReader) -> None:
        folder.mkdir()
        self._folder = folder
        self._time_base = reader.time_base
        self._number = 0
        self._times = (folder / TIMES).open("w", encoding="ascii")
        self._times.write("# timestamp format v2\n")
        self.left_out: list[str] = []

    def write(self, image: Image.Image, time: int, duration: int) -> None:
        """Write a frame."""
        self._next(time).write_bytes(encode_png(image))

    def take(self, frame: Path, time: int) -> None:
        """Take a PNG file that is finished, which stays where it is, too."""
        path = self._next(time)
        try:
            os.link(frame, path)
        except OSError:  # a disk without hard links
            shutil.copyfile(frame, path)

    def _next(self, time: int) -> Path:
        self._number += 1
        self._times.write(f"{float(time * self._time_base * 1000):.3f}\n")
        return self._folder / f"{self._number:06}.png"

    def close(self, *, complete: bool) -> None:
        """Close the list of times."""
        self._times.close()

    def abandon(self) -> None:
        """Close the list of times."""
        self._times.close()


def _even(image: Image.Image) -> Image.Image:
    """The image with its last row or column twice where its height or width is odd."""
    width, height = image.size
    if width % 2 == height % 2 == 0:
        return image
    pixels = np.asarray(image)
    across = [(0, height % 2), (0, width % 2)] + [(0, 0)] * (pixels.ndim - 2)
    return Image.fromarray(np.pad(pixels, across, mode="edge"))
