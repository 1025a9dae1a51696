"""The stages of a camera frame on this machine, in the terms that the demo apps' benchmark screens use."""

import time
from importlib.metadata import version
from typing import Any

import numpy as np
from PIL import Image

from pspm_runtime.benchmark.statistics import summary
from pspm_runtime.bundle import Bundle
from pspm_runtime.model import Model
from pspm_runtime.stages.compose import lay_over
from pspm_runtime.stages.refine import refine

FRAME = (1280, 720)
WARM_UP = 3
ENGINES = {"onnx": ("ONNX Runtime", "onnxruntime"), "tflite": ("LiteRT", "ai-edge-litert")}
GREEN = (0, 160, 80)


def measure_frames(
    model: Model, bundle: Bundle, picture: Image.Image, threads: int | None, rounds: int
) -> dict[str, Any]:
    """A run as `bench.schema.json` describes it: wall-clock ms of each stage of frames of 1280 x 720.

    pre: to the network's size. inference: its matte. post: the matte at the frame's size, and the person over a
    colour, as a live view does it: without the estimated foreground of a photo.
    """
    photo = model.open(picture.convert("RGB").resize(FRAME))
    colour = Image.new("RGB", (1, 1), GREEN)
    frames = []
    for _ in range(WARM_UP + rounds):
        marks = [time.perf_counter()]
        view = model.network_view(photo)
        marks.append(time.perf_counter())
        small = model.engine.alpha(np.asarray(view))
        marks.append(time.perf_counter())
        lay_over(photo.image.copy(), refine(small, view, photo.image), colour)
        marks.append(time.perf_counter())
        frames.append([1e3 * (marks[j] - marks[i]) for i, j in ((0, 1), (1, 2), (2, 3), (0, 3))])
    stages = {
        name: summary(series)
        for name, series in zip(("pre", "inference", "post", "total"), zip(*frames[WARM_UP:], strict=True), strict=True)
    }
    engine, package = ENGINES[bundle.format]
    return {
        "engine": f"{engine} {version(package)}",
        "delegate": "cpu",
        "precision": bundle.facts.get("precision", "fp16-weights"),
        "threads": threads,
        "size": [view.height, view.width],
        "warm_up": WARM_UP,
        "rounds": rounds,
        "stages_ms": stages,
        "fps": 1e3 / stages["total"]["mean"],
    }
