"""Judge many damaged files in processes of their own, so that a crash or a hang ends none but the one it meets."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.fuzz.worker import ELSE

# A process that waits for so long waits for ever. One that computes for too long ends itself, see `worker`.
LONGEST_WAIT = 1800


@dataclass(frozen=True)
class Outcome:
    """What came of an input. ended: whether the process crashed, or was ended because it did not finish."""

    index: int
    subject: str
    name: str
    outcome: str
    reason: str
    seconds: float = 0.0
    megabytes: float = 0.0
    ended: bool = False


def run(seed: int, count: int, jobs: int) -> Iterator[Outcome]:
    """Judge `count` inputs in `jobs` processes, and yield the outcomes as they come."""
    outcomes: queue.Queue[Outcome | Exception | None] = queue.Queue()

    def judge(job: int) -> None:
        try:
            for outcome in _in_processes(seed, job, count, jobs):
                outcomes.put(outcome)
            outcomes.put(None)
        except Exception as error:
            outcomes.put(error)

    for job in range(jobs):
        threading.Thread(target=judge, args=(job,), daemon=True).start()
    working = jobs
    while working:
        outcome = outcomes.get()
        if isinstance(outcome, Exception):
            raise outcome
        if outcome is None:
            working -= 1
        else:
            yield outcome


def _in_processes(seed: int, first: int, count: int, step: int) -> Iterator[Outcome]:
    """The outcomes of every `step`th input; after a crash or a hang another process goes on behind it."""
    while first < count:
        reached = yield from _in_process(seed, first, count, step)
        first = reached + step


def _in_process(seed: int, first: int, count: int, step: int) -> Any:
    command = [sys.executable, "-m", "tests.fuzz.worker", *map(str, (seed, first, count, step))]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        begun: dict[str, Any] | None = None
        done = first - step
        while True:
            timer = threading.Timer(LONGEST_WAIT, process.kill)
            timer.start()
            line = process.stdout.readline()
            timer.cancel()
            if not line:
                break
            facts = json.loads(line)
            if "begin" in facts:
                begun = facts
                continue
            assert begun is not None
            done = facts.pop("end")
            yield Outcome(done, begun["subject"], begun["name"], **facts)
            begun = None
    if begun is not None:
        reason = f"the process ended with {process.returncode}"
        yield Outcome(begun["begin"], begun["subject"], begun["name"], ELSE, reason, ended=True)
        return begun["begin"]
    if process.returncode:
        raise RuntimeError(f"the fuzzer itself ended with {process.returncode} before input {done + step}")
    return count
