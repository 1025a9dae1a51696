"""Latencies of networks as ONNX files, timed in turn."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from pspm_runtime.benchmark.rounds import time_in_turn

from pspm.networks import build
from pspm_export.plan.export_spec import spec_for
from pspm_export.plan.formats import FORMATS
from pspm_export.writers.onnx.writer import OnnxWriter

ROUNDS = 9


def latencies(networks: Iterable[str], side: int, rounds: int = ROUNDS) -> dict[str, float]:
    """Median CPU milliseconds of each network for a view of side x side, by name.

    The networks have random weights in float32, and one thread.
    networks: such as "b5" or "b5+sapa-b". Raises ValueError for an unknown one.
    """
    view = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    engines, writer = {}, OnnxWriter()
    with TemporaryDirectory() as folder:
        for name in networks:
            path = Path(folder) / f"{name}.onnx"
            built = build(name).eval()
            spec = spec_for(built, FORMATS["onnx"], "fp32", (side, side))
            writer.write(built, path, spec)
            engines[name] = writer.open_engine(path, spec)
    times = time_in_turn({name: partial(engine.alpha, view) for name, engine in engines.items()}, rounds)
    return {name: median(series) for name, series in times.items()}
