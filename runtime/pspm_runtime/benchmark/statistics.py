"""Mean and percentiles of measurements, the same in every benchmark."""

from collections.abc import Sequence

import numpy as np

from pspm_runtime.benchmark.protocol import P99_FROM

PERCENTILES = (50, 90, 99)


def summary(samples: Sequence[float]) -> dict[str, float]:
    """Mean, p50, p90 and p99 of at least one sample, as `bench.schema.json` names them.

    The percentile q is at rank q / 100 * (n - 1) of the n sorted samples, counted from 0, and interpolated linearly
    between two ranks.
    """
    ranked = np.percentile(samples, PERCENTILES)
    return {"mean": float(np.mean(samples)), **{f"p{q}": float(x) for q, x in zip(PERCENTILES, ranked, strict=True)}}


def frame_times(samples: Sequence[float]) -> dict[str, float]:
    """The summary of a stage's times. Without p99 if there are too few samples for it to mean anything."""
    times = summary(samples)
    if len(samples) < P99_FROM:
        del times["p99"]
    return times
