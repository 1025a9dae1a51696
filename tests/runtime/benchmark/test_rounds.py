from itertools import count

from pspm_runtime.benchmark.rounds import time_in_turn


def test_every_round_runs_every_call_once() -> None:
    calls: list[str] = []

    times = time_in_turn({name: lambda name=name: calls.append(name) for name in "ab"}, rounds=2)

    assert calls == ["a", "b"] * 3
    assert [len(series) for series in times.values()] == [2, 2]


def test_warm_up_rounds_do_not_count() -> None:
    ticks = count()
    steps = iter([5, 4, 1, 2])

    def call() -> None:
        for _ in range(next(steps)):
            next(ticks)

    times = time_in_turn({"a": call}, 2, lambda: next(ticks), warm_up=2)

    assert times == {"a": [2e3, 3e3]}
