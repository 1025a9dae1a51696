"""The report of `pspm bench --video`: frames per second of each stage of a video, and of all at once."""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

import av
from PIL import Image

from pspm_runtime.benchmark.device import device as this_device
from pspm_runtime.benchmark.device import packages
from pspm_runtime.benchmark.rounds import time_in_turn
from pspm_runtime.bundle import open_bundle
from pspm_runtime.engines.devices import Device
from pspm_runtime.errors import NoPersonError, PspmError
from pspm_runtime.files.sample import sample_photo
from pspm_runtime.looks.quality import Quality
from pspm_runtime.model import Model
from pspm_runtime.package_files import installed_version
from pspm_runtime.stages.foreground import FRAME_SIDE, estimate_foreground
from pspm_runtime.tables import aligned_table
from pspm_runtime.video.container.encoder import H264
from pspm_runtime.video.container.reader import Frame, VideoReader
from pspm_runtime.video.container.writer import VideoWriter
from pspm_runtime.video.matting import video_model
from pspm_runtime.video.order import Order
from pspm_runtime.video.run import run
from pspm_runtime.video.steady.between import spaced_shots
from pspm_runtime.video.steady.temporal_filter import steadied

SIZES = ((1280, 720), (1920, 1080))
FRAMES = 12
COLOUR = (32, 64, 96)
_RATE = 25
# How far the picture moves from frame to frame, in pixels at 720 lines, and how much larger than a frame it is.
_STEP, _LARGER = 3, 1.1


def bench_video(
    model: str, threads: int | None, rounds: int, quality: Quality, device: Device = "auto", *, as_json: bool
) -> int:
    """Measure, print, and return the exit code."""
    if rounds < 1:
        raise PspmError(f"--rounds must be at least 1, not {rounds}")
    result = measure_video(model, threads, rounds, quality, device=device)
    print(json.dumps(result, indent=2) if as_json else _table(result))
    return 0


def measure_video(
    model: str,
    threads: int | None,
    rounds: int,
    quality: Quality,
    sizes: tuple[tuple[int, int], ...] = SIZES,
    device: Device = "auto",
) -> dict[str, Any]:
    """Measure clips of `FRAMES` frames of each size, (width, height), with a colour behind the person, as H.264.

    stages: for each step of a frame its CPU milliseconds of all threads, the median of the rounds, and frames per
    second of a core that does nothing else. all_stages: their sum. together: frames per second of the whole run, wall
    clock, in which the stages work at the same time.
    """
    bundle, loaded = open_bundle(model), video_model(Model(model, threads, quality=quality, device=device), quality)
    with tempfile.TemporaryDirectory(prefix="pspm-") as folder:
        measured = [_measure(loaded, size, rounds, Path(folder)) for size in sizes]
    return {
        "pspm": installed_version("pspm"),
        "app": "python",
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "model": {"name": bundle.name, "sha256": bundle.sha256},
        "device": this_device(),
        "packages": packages() | {"av": installed_version("av")},
        "threads": threads,
        "quality": quality,
        "rounds": rounds,
        "frames": FRAMES,
        "video": measured,
    }


def _measure(model: Model, size: tuple[int, int], rounds: int, folder: Path) -> dict[str, Any]:
    clip, out = folder / f"{size[1]}.mp4", folder / f"{size[1]}-out.mp4"
    _write_clip(clip, size)
    frames = list(_read(clip))
    photos = [(frame, frame.photo) for frame in frames]
    looked = [replace(shot, begins=False) for shot in spaced_shots(model, photos)]
    mattes = [shot.matte for shot in looked]
    colour = Image.new("RGB", size, COLOUR)
    results = [Image.composite(frame.photo.image, colour, matte) for frame, matte in zip(frames, mattes, strict=True)]
    pairs = list(zip(frames, mattes, strict=True))

    def encode() -> None:
        with closing(VideoReader(clip)) as reader:
            writer = VideoWriter(out, H264, reader, size, with_sound=False)
            for frame, image in zip(frames, results, strict=True):
                writer.write(image, frame.time, frame.duration)
            writer.close(complete=True)

    times = time_in_turn(
        {
            "decode": lambda: sum(1 for _ in _read(clip)),
            "matte": lambda: list(spaced_shots(model, photos)),
            "filter": lambda: list(steadied(replace(shot, parts={}) for shot in looked)),  # without what is known
            "refine": lambda: [shot.matte for shot in looked],
            "foreground": lambda: [estimate_foreground(f.photo.image, matte, FRAME_SIDE) for f, matte in pairs],
            "composite": lambda: [Image.composite(frame.photo.image, colour, matte) for frame, matte in pairs],
            "encode": encode,
        },
        rounds,
    )
    cpu_ms = {name: median(series) / FRAMES for name, series in times.items()}
    order = Order(clip, out, background=COLOUR, force=True)
    together = []
    for _ in range(rounds):
        begin = time.perf_counter()
        with suppress(NoPersonError):  # a poor model costs as much
            run(order, model)
        together.append(FRAMES / (time.perf_counter() - begin))
    return {
        "width": size[0],
        "height": size[1],
        "stages": {name: {"cpu_ms": ms, "fps": 1e3 / ms} for name, ms in cpu_ms.items()},
        "all_stages": {"cpu_ms": sum(cpu_ms.values()), "fps": 1e3 / sum(cpu_ms.values())},
        "together": {"fps": median(together)},
    }


def _read(clip: Path) -> Iterator[Frame]:
    with closing(VideoReader(clip)) as reader:
        yield from reader.frames()


def _write_clip(path: Path, size: tuple[int, int]) -> None:
    """A clip in which the picture of the sample moves to the side."""
    width, height = size
    with Image.open(sample_photo()) as photo:
        scale = _LARGER * width / photo.width
        picture = photo.convert("RGB").resize((round(scale * photo.width), round(scale * photo.height)))
    top = (picture.height - height) // 4
    step = _STEP * height // 720
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=_RATE, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(FRAMES):
            left = number * step
            frame = av.VideoFrame.from_image(picture.crop((left, top, left + width, top + height)))
            frame.pts, frame.time_base = number, Fraction(1, _RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _table(result: dict[str, Any]) -> str:
    facts = {**result["device"], **result["packages"]}
    lines = [
        f"pspm {result['pspm']}, model {result['model']['name']}, quality {result['quality']}",
        *(f"  {key}: {value}" for key, value in facts.items() if key != "name"),
        f"  network threads: {result['threads'] or 'one per core'}",
    ]
    for size in result["video"]:
        head = f"a frame of {size['width']} x {size['height']}, {result['frames']} frames, {result['rounds']} rounds"
        rows = [[head, "CPU ms", "frames/s of a core"]]
        stages = {**size["stages"], "all stages": size["all_stages"]}
        rows += [[f"  {name}", f"{stage['cpu_ms']:.1f}", f"{stage['fps']:.1f}"] for name, stage in stages.items()]
        lines += [
            "",
            aligned_table(rows),
            f"  all at once: {size['together']['fps']:.1f} frames per second (wall clock)",
        ]
    return "\n".join(lines)
