"""Time the stages of a camera frame, as the benchmark screens of the demo apps do."""

import time
from typing import Any

import numpy as np
from PIL import Image

from pspm_runtime.benchmark.rounds import time_in_turn
from pspm_runtime.benchmark.statistics import summary
from pspm_runtime.bundle import Bundle
from pspm_runtime.model import Model
from pspm_runtime.package_files import installed_version
from pspm_runtime.stages.compose import compose
from pspm_runtime.stages.refine import refine

FRAME = (1280, 720)
WARM_UP = 3
ENGINES = {"onnx": ("ONNX Runtime", "onnxruntime"), "tflite": ("LiteRT", "ai-edge-litert")}
GREEN = (0, 160, 80)


def measure_frames(
    model: Model, bundle: Bundle, picture: Image.Image, threads: int | None, rounds: int
) -> dict[str, Any]:
    """Measure one run of `bench.schema.json`: wall-clock ms of each stage of frames of 1280 x 720.

    pre: resize to the view. inference: the network. post: refine the matte and compose the frame with a colour, as a
    live view does, without the estimated foreground of a photo.
    """
    photo = model.open(picture.convert("RGB").resize(FRAME))
    colour = Image.new("RGB", (1, 1), GREEN)
    view = model.network_view(photo)
    small = model.engine.alpha(np.asarray(view))
    times = time_in_turn(
        {
            "pre": lambda: model.network_view(photo),
            "inference": lambda: model.engine.alpha(np.asarray(view)),
            "post": lambda: compose(photo.image.copy(), refine(small, view, photo.image), colour),
        },
        rounds,
        time.perf_counter,
        WARM_UP,
    )
    times["total"] = [sum(stages) for stages in zip(*times.values(), strict=True)]
    stages_ms = {name: summary(series) for name, series in times.items()}
    engine, package = ENGINES[bundle.format]
    return {
        "engine": f"{engine} {installed_version(package)}",
        "delegate": "cpu",
        "precision": bundle.facts.get("precision", "fp16-weights"),
        "threads": threads,
        "size": [view.height, view.width],
        "warm_up": WARM_UP,
        "rounds": rounds,
        "stages_ms": stages_ms,
        "fps": 1e3 / stages_ms["total"]["mean"],
    }
