"""Time several calls in turn, so that a busy machine slows all of them alike."""

import time
from collections.abc import Callable, Mapping


def time_in_turn(
    calls: Mapping[str, Callable[[], object]],
    rounds: int,
    clock: Callable[[], float] = time.process_time,
    warm_up: int = 1,
) -> dict[str, list[float]]:
    """Milliseconds of each call in each round, by the call's name.

    Every round runs every call once. The warm-up rounds run first and do not count.
    clock: seconds; CPU time of all threads by default, `time.perf_counter` for wall-clock time.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(warm_up + rounds):
        for name, call in calls.items():
            start = clock()
            call()
            times[name].append((clock() - start) * 1e3)
    return {name: series[warm_up:] for name, series in times.items()}
