import pytest
from hypothesis import given
from hypothesis import strategies as st
from pspm_runtime.benchmark.statistics import summary

TIMES = st.lists(st.floats(0, 1e4), min_size=1, max_size=50)


def test_percentiles_lie_on_the_line_between_two_ranks() -> None:
    assert summary([4, 1, 3, 2]) == pytest.approx({"mean": 2.5, "p50": 2.5, "p90": 3.7, "p99": 3.97})


def test_one_sample_is_all_of_them() -> None:
    assert summary([7]) == {"mean": 7, "p50": 7, "p90": 7, "p99": 7}


@given(times=TIMES)
def test_percentiles_are_ordered_and_within_the_samples(times: list[float]) -> None:
    found = summary(times)

    slack = 1e-9 * max(times) + 1e-12
    assert min(times) - slack <= found["p50"] <= found["p90"] + slack
    assert found["p90"] <= found["p99"] + slack <= max(times) + 2 * slack


@given(times=TIMES)
def test_the_order_of_the_samples_does_not_matter(times: list[float]) -> None:
    assert summary(times) == pytest.approx(summary(times[::-1]))
