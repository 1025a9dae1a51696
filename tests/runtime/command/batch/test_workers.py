"""Worker processes that end before their time."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import pytest
from pspm_runtime import PhotoError, PspmError
from pspm_runtime.command.batch.planning.plan import Job
from pspm_runtime.command.batch.processes import in_processes
from pspm_runtime.command.batch.work import killer

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class DeadlyTask:
    """Answers with the name of a photo, but a photo named "kill" ends the process that works on it."""

    parent: int

    def for_jobs(self) -> Callable[[Job], bytes | PspmError]:
        def do(job: Job) -> bytes:
            if job.photo.name == "kill" and os.getpid() != self.parent:
                os.kill(os.getpid(), signal.SIGKILL)
            return job.photo.name.encode()

        return do

    def in_one_of(self, processes: int) -> "DeadlyTask":
        return self

    def ended_its_process(self, job: Job) -> PspmError:
        return killer(job.photo)


def outcomes(*names: str) -> list[Any]:
    jobs = [Job(Path(name), PurePath(name)) for name in names]
    return [(job.photo.name, outcome) for job, outcome in in_processes(iter(jobs), DeadlyTask(os.getpid()), 2)]


def test_a_photo_that_ends_its_process_fails_alone() -> None:
    found = dict(outcomes("a", "b", "kill", "c", "d", "e", "f"))

    assert {name: found[name] for name in "abcdef"} == {name: name.encode() for name in "abcdef"}
    assert list(found) == ["a", "b", "kill", "c", "d", "e", "f"]
    assert isinstance(found["kill"], PhotoError)
    assert "kill ended the process that worked on it" in str(found["kill"])


def test_when_every_photo_ends_its_process() -> None:
    with pytest.raises(PspmError, match="use fewer --jobs"):
        outcomes("kill", "kill", "kill", "kill", "kill")
