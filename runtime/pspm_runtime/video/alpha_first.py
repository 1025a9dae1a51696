"""Alpha first: a person with transparency as VP9, with one encoder in memory at a time.

A part of a video goes through three passes: its mattes, into a temporary file; their encoding; and the colours, for
which the part is read again. Network, encoder of alpha and encoder of colours would take 740 MB at 1080p together.
"""

import struct
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pspm_runtime.errors import PspmError
from pspm_runtime.files.encoding.deflate import fast_zlib
from pspm_runtime.one_heap import give_back_memory
from pspm_runtime.stages import compose
from pspm_runtime.stages.foreground import FRAME_SIDE
from pspm_runtime.video.container.alpha_plane import encode_alpha
from pspm_runtime.video.container.encoder import VP9_WITH_ALPHA
from pspm_runtime.video.container.reader import Frame, VideoReader
from pspm_runtime.video.container.writer import VideoWriter
from pspm_runtime.video.effect import Effect
from pspm_runtime.video.order import Order
from pspm_runtime.video.pipeline import Ahead

# Frames of more pixels are worked on so. Smaller ones take less than 500 MB with both encoders, and less time.
LARGEST_AT_ONCE = 1280 * 720
_LENGTH = struct.Struct("<I")


def is_alpha_first(order: Order, reader: VideoReader) -> bool:
    """Whether the parts of a result are made so."""
    width, height = reader.size
    return order.codec == VP9_WITH_ALPHA and width * height > LARGEST_AT_ONCE


@dataclass
class WrittenPart:
    """The frames of a part. times: when each is shown and for how long. empty: frames without a person.

    lost, ended, end: as `VideoReader.part` counts them. error: what ended the part early.
    """

    times: list[tuple[int, int]] = field(default_factory=list)
    empty: int = 0
    lost: int = 0
    ended: bool = False
    end: Any = 0
    error: PspmError | None = None


def write_alpha_first(
    effect: Effect,
    reader: VideoReader,
    frames: Callable[[], Generator[Frame]],
    path: Path,
    stop: threading.Event,
    advance: Callable[[], None],
    *,
    unfinished: bool,
) -> WrittenPart:
    """Write a part of a video as a file at `path`, if it has frames.

    frames: reads the part. stop: set to end early. advance: is called after the matte of each frame. unfinished:
    whether a part that ends early is written all the same; otherwise its error is raised, and nothing is written.
    A temporary file without a name is in the folder of `path` for the mattes. Raises OSError.
    """
    part = WrittenPart()
    with tempfile.TemporaryFile(dir=path.parent) as file:
        try:
            with effect.mattes(frames()) as mattes:
                for frame, matte, has_person in mattes:
                    _save(file, matte)
                    part.times.append((frame.time, frame.duration))
                    part.empty += not has_person
                    advance()
                    if stop.is_set():
                        break
        except PspmError as error:
            if not unfinished:
                raise
            part.error = error
        part.lost, part.ended, part.end = reader.lost, reader.ended, reader.end
        if part.times and (unfinished or not stop.is_set()):
            effect.rest()
            _write(reader, frames, path, part.times, file)
    return part


def _write(
    reader: VideoReader,
    frames: Callable[[], Generator[Frame]],
    path: Path,
    times: list[tuple[int, int]],
    file: Any,
) -> None:
    timed = ((matte, *each) for matte, each in zip(_saved(file, reader.size), times, strict=True))
    alpha = list(encode_alpha(timed, reader.size, reader))
    give_back_memory()
    mattes = (Image.fromarray(matte) for matte in _saved(file, reader.size))
    writer = VideoWriter(path, VP9_WITH_ALPHA, reader, reader.size, with_sound=False, described=False, alpha=alpha)
    try:
        with closing(frames()) as again:
            counted = islice((frame for frame in again if frame.counts), len(times))
            # Only the cut-outs wait in the queue, not the frames that they are made of.
            cut = (
                compose.cut_out(frame.photo, matte, FRAME_SIDE) for frame, matte in zip(counted, mattes, strict=True)
            )
            with Ahead(cut) as cut_outs:
                for image, (time, duration) in zip(cut_outs, times, strict=True):
                    writer.write(image, time, duration)
        writer.close(complete=True)
    except BaseException:
        writer.abandon()
        raise


def _save(file: Any, matte: Image.Image) -> None:
    data = fast_zlib.compress(matte.tobytes(), 1)
    file.write(_LENGTH.pack(len(data)) + data)


def _saved(file: Any, size: tuple[int, int]) -> Iterator[np.ndarray]:
    """The mattes in a file, one after the other, (H, W) uint8."""
    file.seek(0)
    while length := file.read(_LENGTH.size):
        data = fast_zlib.decompress(file.read(*_LENGTH.unpack(length)))
        yield np.frombuffer(data, np.uint8).reshape(size[::-1])
