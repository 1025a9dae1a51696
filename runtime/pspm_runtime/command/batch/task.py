"""A task: what is done for each job of a run."""

from collections.abc import Callable
from typing import Protocol, Self, TypeVar

J = TypeVar("J")
R = TypeVar("R")
AnyJ = TypeVar("AnyJ", contravariant=True)
AnyR = TypeVar("AnyR", covariant=True)


class Task(Protocol[AnyJ, AnyR]):
    """What is done for each job of a run, in a form that other processes can be given."""

    def for_jobs(self) -> Callable[[AnyJ], AnyR]:
        """Load what the jobs need, and return the function from a job to its outcome: an error that one job causes."""

    def in_one_of(self, processes: int) -> Self:
        """The same task, for one of several processes on this machine."""

    def ended_its_process(self, job: AnyJ) -> AnyR:
        """The outcome of a job that ended its process twice."""
