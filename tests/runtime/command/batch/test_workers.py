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

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Threads:
    threads: int = 1


@dataclass(frozen=True)
class DeadlyWork:
    """Answers with the name of a photo, but a photo named "kill" ends the process that works on it."""

    effect: Threads = Threads()
    parent: int = 0

    def open(self) -> Callable[[Any], bytes]:
        def work(photo: Path) -> bytes:
            if photo.name == "kill" and os.getpid() != self.parent:
                os.kill(os.getpid(), signal.SIGKILL)
            return photo.name.encode()

        return work


def outcomes(*names: str) -> list[Any]:
    jobs = [Job(Path(name), PurePath(name)) for name in names]
    work: Any = DeadlyWork(parent=os.getpid())
    return [(job.photo.name, outcome) for job, outcome in in_processes(iter(jobs), work, 2)]


def test_a_photo_that_ends_its_process_fails_alone() -> None:
    found = dict(outcomes("a", "b", "kill", "c", "d", "e", "f"))

    assert {name: found[name] for name in "abcdef"} == {name: name.encode() for name in "abcdef"}
    assert list(found) == ["a", "b", "kill", "c", "d", "e", "f"]
    assert isinstance(found["kill"], PhotoError)
    assert "kill ended the process that worked on it" in str(found["kill"])


def test_when_every_photo_ends_its_process() -> None:
    with pytest.raises(PspmError, match="use fewer --jobs"):
        outcomes("kill", "kill", "kill", "kill", "kill")
