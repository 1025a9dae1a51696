"""What many measurements of one thing come to: the mean and the percentiles that every benchmark states."""

from collections.abc import Sequence

import numpy as np

PERCENTILES = (50, 90, 99)


def summary(samples: Sequence[float]) -> dict[str, float]:
    """Mean, p50, p90 and p99 of one sample or more, as `bench.schema.json` names them.

    A percentile lies at rank q / 100 * (n - 1) of the n sorted samples, counted from 0, and between two ranks on the
    line from one sample to the next.
    """
    ranked = np.percentile(samples, PERCENTILES)
    return {"mean": float(np.mean(samples)), **{f"p{q}": float(x) for q, x in zip(PERCENTILES, ranked, strict=True)}}
