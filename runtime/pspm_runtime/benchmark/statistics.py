"""Mean and percentiles of measurements, the same in every benchmark."""

from collections.abc import Sequence

import numpy as np

PERCENTILES = (50, 90, 99)


def summary(samples: Sequence[float]) -> dict[str, float]:
    """Mean, p50, p90 and p99 of at least one sample, as `bench.schema.json` names them.

    The percentile q is at rank q / 100 * (n - 1) of the n sorted samples, counted from 0, and interpolated linearly
    between two ranks.
    """
    ranked = np.percentile(samples, PERCENTILES)
    return {"mean": float(np.mean(samples)), **{f"p{q}": float(x) for q, x in zip(PERCENTILES, ranked, strict=True)}}
