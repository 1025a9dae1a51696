"""Frames at an even rate, and without a pause, by a clock that the tests set."""

import pytest
from pspm_runtime.benchmark.frames import paced, sustained


class Clock:
    """Seconds; `run` takes as long as its list says, the last entry for ever."""

    def __init__(self, *times: float) -> None:
        self.now, self.times, self.runs = 0.0, list(times), 0

    def run(self) -> None:
        self.now += self.times[min(self.runs, len(self.times) - 1)]
        self.runs += 1

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(
    ("took", "shown"),
    [(0.01, 100), (0.099, 100), (0.15, 67), (0.25, 40), (3.0, 4)],
)
def test_frames_that_come_during_another_are_dropped(took: float, shown: int) -> None:
    clock = Clock(took)
    found = paced(clock.run, fps=10, seconds=10, clock=lambda: clock.now, sleep=clock.sleep)
    assert found == {"fps": 10, "seconds": 10, "frames": shown, "dropped": 100 - shown}
    assert clock.runs == shown


def test_one_slow_frame_drops_those_that_came_meanwhile() -> None:
    clock = Clock(0.01, 0.45, 0.01)
    found = paced(clock.run, fps=10, seconds=2, clock=lambda: clock.now, sleep=clock.sleep)
    # The second frame takes from 0.1 to 0.55 s, so those of 0.2, 0.3 and 0.4 s are lost, and that of 0.5 s is late.
    assert found["dropped"] == 3


def test_a_device_that_slows_down_shows_it_by_tenths() -> None:
    clock = Clock(*[0.05] * 200, 0.1)
    found = sustained(clock.run, 20, lambda: clock.now)
    assert found["seconds"] == pytest.approx(20, abs=0.11)
    assert found["frames"] == pytest.approx(300, abs=1)
    assert found["fps_tenths"] == pytest.approx([20] * 5 + [10] * 5, abs=0.6)
    assert (found["fps_first_tenth"], found["fps_last_tenth"]) == (found["fps_tenths"][0], found["fps_tenths"][-1])
    assert sum(found["fps_tenths"]) / 10 == pytest.approx(found["fps"], rel=0.01)
