"""The alpha of VP9: a second picture beside each frame, grey, which an encoder of its own makes.

FFmpeg opens an encoder for the colours and another one for alpha, each of which takes 167 MB at 1080p. Here alpha can
be encoded by itself, before the colours, to the same bytes.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, get_args

import av
import numpy as np
from av.packet import PacketSideData, PktSideDataT

from pspm_runtime.video.container.encoder import VP9_WITH_ALPHA, prepare_encoder
from pspm_runtime.video.container.reader import VideoReader

COLOURS, ALPHA = "yuv420p", "yuva420p"
# Where Matroska and WebM keep alpha: addition 1 of a block.
_ADDITION = get_args(PktSideDataT).index("matroska_block_additional")
_NUMBER = (1).to_bytes(8, "big")
_GREY = 128


def encode_alpha(
    mattes: Iterable[tuple[np.ndarray, int, int]], size: tuple[int, int], reader: VideoReader
) -> Iterator[bytes]:
    """Encode the mattes of frames as alpha of VP9, without the colours: a packet of each frame.

    mattes: (H, W) uint8, with the time and the duration of the frame, in units of the reader. size: (W, H).
    """
    context: Any = av.CodecContext.create(VP9_WITH_ALPHA.name, "w")
    context.options = dict(VP9_WITH_ALPHA.options)
    context.time_base, context.framerate = reader.time_base, Fraction(reader.rate)
    prepare_encoder(context, size, COLOURS, reader)
    width, height = size
    grey = np.full(((height + 1) // 2, (width + 1) // 2), _GREY, np.uint8)
    for matte, time, duration in mattes:
        frame = av.VideoFrame(width, height, COLOURS)
        for plane, values in zip(frame.planes, (matte, grey, grey), strict=True):
            _fill(plane, values)
        frame.pts, frame.time_base, frame.duration = time, reader.time_base, duration
        yield from map(bytes, context.encode(frame))
    yield from map(bytes, context.encode(None))


def without_alpha(frame: av.VideoFrame) -> av.VideoFrame:
    """The colours of a frame of the format `ALPHA`."""
    colours = av.VideoFrame(frame.width, frame.height, COLOURS)
    for plane, source in zip(colours.planes, frame.planes, strict=False):
        _fill(plane, _values(source))
    colours.pts, colours.time_base, colours.duration = frame.pts, frame.time_base, frame.duration
    colours.colorspace, colours.color_range = frame.colorspace, frame.color_range
    colours.color_primaries, colours.color_trc = frame.color_primaries, frame.color_trc
    return colours


def add_alpha(packet: "av.Packet[Any]", alpha: bytes) -> None:
    """Put the alpha of a frame, as `encode_alpha` gives it, into the packet with its colours."""
    added = PacketSideData(_ADDITION, len(_NUMBER) + len(alpha))  # type: ignore[call-arg]
    added.update(_NUMBER + alpha)
    packet.set_sidedata(added, move=True)


def _values(plane: Any) -> np.ndarray:
    """The values of a plane, (h, w) uint8, a view of it."""
    lines = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return lines[: plane.height, : plane.width]


def _fill(plane: Any, values: np.ndarray) -> None:
    _values(plane)[:] = values
