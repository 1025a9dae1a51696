"""Time the stages of a camera frame, as the benchmark screens of the demo apps do."""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from PIL import Image

from pspm_runtime.benchmark.device import memory_mb, power, thermal
from pspm_runtime.benchmark.protocol import (
    BLUR_STRENGTH,
    COLOUR,
    EFFECTS,
    FRAME,
    PACED_FPS,
    PACED_SECONDS,
    WARM_UP,
    EffectName,
)
from pspm_runtime.benchmark.statistics import frame_times
from pspm_runtime.bundle import Bundle, open_bundle
from pspm_runtime.engines.devices import Device
from pspm_runtime.files.photo import Photo
from pspm_runtime.files.sample import sample_photo
from pspm_runtime.model import Model
from pspm_runtime.package_files import installed_version
from pspm_runtime.stages.bokeh import blur_background
from pspm_runtime.stages.compose import cover_box
from pspm_runtime.stages.foreground import FRAME_SIDE, estimate_foreground
from pspm_runtime.stages.refine import refine

ENGINES = {"onnx": ("ONNX Runtime", "onnxruntime"), "tflite": ("LiteRT", "ai-edge-litert")}
Stages = tuple[float, float, float]


def measure_frames(
    model: str, threads: int | None, rounds: int, sustained_s: float = 0, device: Device = "auto"
) -> list[dict[str, Any]]:
    """The runs of `bench.schema.json`, one for each effect: wall-clock ms of each stage of frames of 1280 x 720.

    pre: resize to the view. inference: the network. post: the matte at the frame's size, foreground colours and the
    effect, as for a video. threads: of the network, None for one per core. sustained_s: how long to go on without a
    pause, 0 for not at all. device: what runs the network.
    """
    bundle = open_bundle(model)
    picture = _frame()
    began = time.perf_counter()
    loaded = Model(model, threads, quality="fast", device=device)
    load_ms = (time.perf_counter() - began) * 1e3
    frame = _Frame(loaded, loaded.open(picture))
    first_ms = sum(frame.run("none"))
    facts = {**_facts(bundle, threads, frame), "load_ms": load_ms, "first_frame_ms": first_ms}
    return [facts | _measure(frame, effect, rounds, sustained_s) for effect in EFFECTS]


def _facts(bundle: Bundle, threads: int | None, frame: "_Frame") -> dict[str, Any]:
    engine, package = ENGINES[bundle.format]
    return {
        "engine": f"{engine} {installed_version(package)}",
        "delegate": frame.device,
        "precision": bundle.facts.get("precision", "fp16-weights"),
        "threads": threads,
        "size": [frame.view.height, frame.view.width],
        "model": {"name": bundle.name, "sha256": bundle.sha256},
    }


def _measure(frame: "_Frame", effect: EffectName, rounds: int, sustained_s: float) -> dict[str, Any]:
    before, power_before = thermal(), power()
    for _ in range(WARM_UP):
        frame.run(effect)
    times = [frame.run(effect) for _ in range(rounds)]
    stages = dict(zip(("pre", "inference", "post"), zip(*times, strict=True), strict=True))
    stages_ms = {name: frame_times(series) for name, series in stages.items()}
    stages_ms["total"] = frame_times([sum(one) for one in times])
    result = {
        "effect": effect,
        "warm_up": WARM_UP,
        "rounds": rounds,
        "stages_ms": stages_ms,
        "fps": 1e3 / stages_ms["total"]["mean"],
        "paced": paced(lambda: frame.run(effect), PACED_FPS, PACED_SECONDS),
        "memory_mb": memory_mb(),
        "thermal": {"before": before, "after": thermal()},
        "power": {"before": power_before, "after": power()},
    }
    if sustained_s:
        result["sustained"] = sustained(lambda: frame.run(effect), sustained_s)
    return result


def paced(
    run: Callable[[], object],
    fps: float,
    seconds: float,
    clock: Callable[[], float] = time.perf_counter,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, float]:
    """Frames that come `fps` times a second, as from a camera: how many are shown, and how many dropped.

    A frame that comes while another is computed is dropped, unless it is the newest when that one is done.
    """
    frames = max(1, round(fps * seconds))
    began = clock()
    shown, number = 0, 0
    while number < frames:
        early = began + number / fps - clock()
        if early > 0:
            sleep(early)
        run()
        shown += 1
        number = max(number + 1, int((clock() - began) * fps))
    return {"fps": fps, "seconds": frames / fps, "frames": shown, "dropped": frames - shown}


def sustained(
    run: Callable[[], object], seconds: float, clock: Callable[[], float] = time.perf_counter
) -> dict[str, Any]:
    """As many frames as possible: frames a second in all, and in each tenth of the time."""
    ends = list(_ends(run, seconds, clock))
    whole = ends[-1]
    tenths = [sum(whole * i / 10 < end <= whole * (i + 1) / 10 for end in ends) * 10 / whole for i in range(10)]
    return {
        "seconds": whole,
        "frames": len(ends),
        "fps": len(ends) / whole,
        "fps_first_tenth": tenths[0],
        "fps_last_tenth": tenths[-1],
        "fps_tenths": tenths,
    }


def _ends(run: Callable[[], object], seconds: float, clock: Callable[[], float]) -> Iterator[float]:
    began, now = clock(), 0.0
    while now < seconds:
        run()
        now = clock() - began
        yield now


def _frame() -> Image.Image:
    """The sample portrait as a frame: scaled to cover it, cropped around its centre."""
    with Image.open(sample_photo()) as photo:
        return photo.convert("RGB").resize(FRAME, Image.Resampling.BICUBIC, cover_box(photo.size, FRAME))


class _Frame:
    """The frame, run through the stages again and again."""

    def __init__(self, model: Model, photo: Photo) -> None:
        self._model, self._photo = model, photo
        self._colour = Image.new("RGB", photo.image.size, COLOUR)
        self.view = model.network_view(photo)
        # LiteRT is always on the CPU.
        self.device = str(getattr(model.engine, "device", "cpu"))

    def run(self, effect: EffectName) -> Stages:
        """Wall-clock ms of the three stages."""
        began = time.perf_counter()
        view = self._model.network_view(self._photo)
        viewed = time.perf_counter()
        small = self._model.engine.alpha(np.asarray(view))
        ran = time.perf_counter()
        self._compose(refine(small, view, self._photo.image), effect)
        return _milliseconds((began, viewed, ran, time.perf_counter()))

    def _compose(self, matte: Image.Image, effect: EffectName) -> None:
        if effect == "colour":
            foreground = estimate_foreground(self._photo.image, matte, FRAME_SIDE)
            Image.composite(foreground, self._colour, matte)
        elif effect == "blur":
            blur_background(self._photo, matte, BLUR_STRENGTH, FRAME_SIDE)


def _milliseconds(times: Sequence[float]) -> Stages:
    first, second, third = ((end - begin) * 1e3 for begin, end in pairwise(times))
    return first, second, third
