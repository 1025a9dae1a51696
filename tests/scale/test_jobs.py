"""A short form of the measurements of jobs. Times decide nothing here."""

import pytest

from tests.scale.jobs import long_jobs, long_lists

pytestmark = pytest.mark.slow


def test_a_job_that_is_finished_opens_no_photo_and_memory_stays_flat() -> None:
    memory, _ = long_jobs(1000, 10_000)

    assert memory.holds, memory


@pytest.mark.exhaustive
def test_planning_is_linear() -> None:
    (figure,) = long_lists(20_000, 200_000)

    assert figure.value < 2, figure
