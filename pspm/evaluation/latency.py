"""Latency of the candidates' networks: CPU time of one forward pass."""

from collections.abc import Mapping
from functools import partial
from statistics import median

import numpy as np
from PIL import Image
from pspm_runtime.benchmark.rounds import time_in_turn
from pspm_runtime.engines.engine import Engine
from pspm_runtime.files.sample import sample_photo

SIDE = 512
ROUNDS = 7


def latencies(engines: Mapping[str, Engine], rounds: int = ROUNDS) -> dict[str, float]:
    """Median CPU milliseconds of each engine, by name, on the sample portrait at `SIDE` x `SIDE`.

    The engines take turns (`time_in_turn`) and should have one thread each.
    """
    with Image.open(sample_photo()) as photo:
        view = np.asarray(photo.convert("RGB").resize((SIDE, SIDE)))
    calls = {name: partial(engine.alpha, view) for name, engine in engines.items()}
    return {name: median(times) for name, times in time_in_turn(calls, rounds).items()}
