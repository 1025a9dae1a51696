"""Sketches of the test vectors' outputs, kept in golden.json, so that a test sees when Python's results change.

python -m tests.runtime.spec.golden

writes them anew, after a change that is meant. A sketch is the mean of an array and a few sums of its values with
weights that look random. A sum moves with every value, so small changes of many values show, and large ones of a few.
It hardly moves where another CPU rounds a few values to the next code.
"""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from pspm_runtime.bundle import DEFAULT_MODEL, open_bundle
from pspm_runtime.spec.case import Case
from pspm_runtime.spec.cases import groups_without_network, network_cases


def _weights(count: int, n: int) -> np.ndarray:
    """Numbers from -1 to 1, (count, n), the same with every version of NumPy: the hash splitmix64 of places."""
    x = np.arange(1, count * n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x ^= x >> np.uint64(shift)
        x *= np.uint64(factor)
    x ^= x >> np.uint64(31)
    return ((x >> np.uint64(11)).astype(np.float64) / 2**52 - 1).reshape(count, n)


FILE = Path(__file__).with_name("golden.json")
SUMS = 4
PERIOD = 65521
WEIGHTS = _weights(SUMS, PERIOD)
# By how much the mean of n values and each sum may move: so many values by one code, and a share of the largest value.
CODES = 8
ROUNDING = 2e-6
# The network's results differ more from CPU to CPU. Their mean, and their deviation from it, may move by so much.
NETWORK = 2e-3


def sketches(cases: Iterable[Case]) -> dict[str, list[float]]:
    """The sketch of every output, by its stage, case and name."""
    return {f"{case.stage} {case.name} {name}": sketch(array) for case in cases for name, array in case.outputs.items()}


def sketch(array: np.ndarray) -> list[float]:
    """Number of values, mean, and sums with weights from -1 to 1, divided by the square root of the number."""
    values = np.asarray(array, np.float64).ravel()
    if not values.size:
        return [0] * (2 + SUMS)
    # The weights repeat, so values with the same weight are added first.
    folded = np.zeros(-(-values.size // PERIOD) * PERIOD)
    folded[: values.size] = values
    sums = WEIGHTS @ folded.reshape(-1, PERIOD).sum(0) / values.size**0.5
    return [values.size, *(float(f"{number:.9g}") for number in (values.mean(), *sums))]


def coarse_sketch(array: np.ndarray) -> list[float]:
    """Number of values, mean and standard deviation, as shares of the largest possible value."""
    values = np.asarray(array, np.float64).ravel() / (255 if array.dtype == np.uint8 else 1)
    return [values.size, *(float(f"{number:.4g}") for number in (values.mean(), values.std()))]


def differs(found: list[float], expected: list[float], array: np.ndarray) -> bool:
    """Whether a sketch of an array differs from the expected one by more than rounding explains."""
    (n, mean, *sums), (m, expected_mean, *expected_sums) = found, expected
    if n != m or not n or (array.dtype.kind in "ui" and array.dtype != np.uint8):
        return found != expected
    value = CODES if array.dtype == np.uint8 else 0
    share = ROUNDING * max(1.0, float(np.abs(array).max()))
    moved = max(abs(one - other) for one, other in zip(sums, expected_sums, strict=True))
    return abs(mean - expected_mean) > value / n + share or moved > value / n**0.5 + share


def write() -> None:
    """Write the sketches of what Python computes now."""
    bundle = open_bundle(DEFAULT_MODEL)
    exact = sketches(case for group in groups_without_network(bundle) for case in group())
    coarse = {
        f"{case.stage} {case.name} {name}": coarse_sketch(array)
        for case in network_cases(bundle)
        for name, array in case.outputs.items()
    }
    lines = [f"  {json.dumps(name)}: {json.dumps(numbers)}" for name, numbers in (exact | coarse).items()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    write()
