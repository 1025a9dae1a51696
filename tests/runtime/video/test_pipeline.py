"""Stages in threads, and Ctrl-C."""

import _thread
import threading
import time
from collections.abc import Iterator

import pytest
from pspm_runtime.video.pipeline import Ahead, interruptible


def test_items_come_in_order() -> None:
    with Ahead(iter(range(100)), 3) as ahead:
        assert list(ahead) == list(range(100))
        assert list(ahead) == []


def test_only_a_few_items_are_made_ahead() -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    with Ahead(items(), 3) as ahead:
        assert next(ahead) == 0
        time.sleep(0.3)
        # One was taken, three wait, and one is in the hand.
        assert len(made) <= 5


def test_an_error_comes_after_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("three")

    with Ahead(items()) as ahead:
        assert [next(ahead), next(ahead)] == [1, 2]
        with pytest.raises(ValueError, match="three"):
            next(ahead)


def test_closing_ends_the_iterator_in_its_thread() -> None:
    closed = []

    def items() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.append(threading.current_thread())

    before = threading.active_count()
    with Ahead(items()) as ahead:
        next(ahead)

    assert len(closed) == 1
    assert closed[0] is not threading.current_thread()
    assert threading.active_count() == before


def test_ctrl_c_lets_the_work_finish() -> None:
    done = []

    def work(stop: threading.Event) -> None:
        _thread.interrupt_main()
        assert stop.wait(10)
        done.append(True)

    with pytest.raises(KeyboardInterrupt):
        interruptible(work)
    assert done == [True]


def test_results_and_errors_pass() -> None:
    assert interruptible(lambda stop: 7) == 7
    with pytest.raises(ZeroDivisionError):
        interruptible(lambda stop: 1 // 0)
