"""The CPU time of one forward, subjects in turn, so that a busy machine is unfair to none."""

import time
from collections.abc import Sequence
from statistics import median

import numpy as np
from PIL import Image
from pspm_runtime import Model
from pspm_runtime.files.sample import sample_photo

SIDE = 512
ROUNDS = 7


def latencies(models: Sequence[Model], rounds: int = ROUNDS) -> list[float]:
    """Median CPU milliseconds of each model's network on the sample portrait at `SIDE` x `SIDE`.

    Each round runs every model once; the first, which warms up, does not count. The models should have one thread.
    """
    with Image.open(sample_photo()) as photo:
        view = np.asarray(photo.convert("RGB").resize((SIDE, SIDE)))
    times: list[list[float]] = [[] for _ in models]
    for _ in range(rounds + 1):
        for model, series in zip(models, times, strict=True):
            start = time.process_time()
            model.engine.alpha(view)
            series.append((time.process_time() - start) * 1e3)
    return [median(series[1:]) for series in times]
