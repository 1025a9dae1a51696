"""Tiny videos with a green person, and an engine that sees green as a person."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pspm_runtime.model import Model
from pspm_runtime.stages.network_view import InputSize

from tests.runtime.fake_engine import FakeEngine

av = pytest.importorskip("av", reason="videos need PyAV: pip install '.[video]'")

GREEN, MAGENTA = (0, 200, 0), (200, 0, 200)
MILLISECOND = Fraction(1, 1000)
SOUND_RATE = 48_000


class GreenEngine(FakeEngine):
    """The person is what is more green than red. Views are small, so that it is fast."""

    def __init__(self) -> None:
        super().__init__()
        self.size = InputSize(64, 16, 128)

    def alpha(self, view: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        self.runs.append((view, trimap))
        return np.clip((view[..., 1].astype(np.float32) - view[..., 0]) / 200, 0, 1)


def green_model() -> Model:
    return Model(GreenEngine(), quality="fast")


def picture(number: int, size: tuple[int, int] = (96, 64)) -> np.ndarray:
    """A green rectangle in the upper left half of a magenta picture; it is wider in later frames."""
    width, height = size
    pixels = np.full((height, width, 3), MAGENTA, np.uint8)
    pixels[: height // 2, : width // 2 + number] = GREEN
    return pixels


def write_clip(
    path: Path,
    times: Sequence[int] = tuple(range(0, 400, 40)),
    *,
    size: tuple[int, int] = (96, 64),
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    time_base: Fraction = MILLISECOND,
    sound: str | None = None,
    rotation: int = 0,
    tags: dict[str, str] | None = None,
    draw: Callable[[int, tuple[int, int]], np.ndarray] = picture,
    matrix: int | None = None,
    chapters: Sequence[Any] = (),
    options: dict[str, str] | None = None,
) -> Path:
    """Write a clip with a frame at each time, and noise as sound."""
    with av.open(str(path), "w") as container:
        preset = {"preset": "ultrafast"} if codec == "libx264" else {}
        stream = container.add_stream(codec, rate=25, options=preset | (options or {}))
        stream.codec_context.thread_count = 1
        stream.width, stream.height = size
        stream.pix_fmt = pixel_format
        stream.time_base = stream.codec_context.time_base = time_base
        if matrix is not None:
            stream.codec_context.colorspace = matrix
        if rotation:
            stream.set_display_rotation(rotation)
        container.metadata.update(tags or {})
        if chapters:
            container.set_chapters(list(chapters))
        noise = container.add_stream(sound, rate=SOUND_RATE) if sound else None
        if noise:
            noise.layout = "stereo"
        for number, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(draw(number, size), format="rgb24")
            frame = frame.reformat(format=pixel_format, dst_colorspace=matrix)
            frame.pts, frame.time_base = time, time_base
            container.mux(stream.encode(frame))
        if noise:
            write_noise(container, noise, float((times[-1] + 40) * time_base))
        container.mux(stream.encode(None))
    return path


def write_noise(container: Any, stream: Any, seconds: float) -> None:
    step = stream.codec_context.frame_size or 1024
    rng = np.random.default_rng(0)
    for start in range(0, int(seconds * SOUND_RATE) - step, step):
        samples = (rng.standard_normal((2, step)) * 0.1).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, start, Fraction(1, SOUND_RATE)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def read_frames(path: Path, decoder: str | None = None) -> list[Any]:
    """The frames of a file, decoded with the usual decoder or a named one, such as libvpx-vp9 for alpha."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if decoder is None:
            return list(container.decode(stream))
        context = av.CodecContext.create(decoder, "r")
        packets = list(container.demux(stream))
        return [frame for packet in packets for frame in context.decode(packet)]


def times_of(frames: Sequence[Any]) -> list[Fraction]:
    return [frame.pts * frame.time_base for frame in frames]


def packets_of(path: Path, kind: str) -> list[tuple[Fraction, bytes]]:
    """Time and bytes of the packets of the streams of a kind."""
    with av.open(str(path)) as container:
        streams = [stream for stream in container.streams if stream.type == kind]
        if not streams:  # of none, demux would give all
            return []
        return [(p.pts * p.time_base, bytes(p)) for p in container.demux(streams) if p.size]


def rgb(frame: Any) -> np.ndarray:
    """A frame as RGB, int, by its own matrix."""
    return (
        frame.reformat(format="rgb24", src_colorspace=5 if frame.colorspace == 6 else frame.colorspace)
        .to_ndarray()
        .astype(int)
    )
