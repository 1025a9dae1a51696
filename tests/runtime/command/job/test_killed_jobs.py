"""A job that is killed again and again, also in the middle of a write, gives what one run gives.

`make killed-runs` does this with more photos and 20 kills.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from pspm_runtime.command.batch.ledger.ledger_lines import JOB_LEDGERS, ledger_lines

from tests.runtime.command.test_killed_runs import (
    KILLS,
    PHOTOS,
    PSPM,
    SEED,
    end,
    make_photos,
    small_view,
    wait_for_group,
)
from tests.runtime.pictures import snapshot

pytestmark = pytest.mark.slow

# Writes each file in two halves, so that a kill between them is likely.
SLOW_WRITES = """
import os, sys, time
from pathlib import Path
import pspm_command
def write_bytes(self, data):
    with self.open("wb", buffering=0) as file:
        file.write(data[:len(data) // 2])
        time.sleep(0.2)
        file.write(data[len(data) // 2:])
Path.write_bytes = write_bytes
sys.exit(pspm_command.main())
"""


def results(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in snapshot(folder).items() if not name.startswith("_pspm/")}


def kill_after(command: list[str], kind: str, lines: int, delay: float) -> int:
    """Kill a job after so many lines of its account and some seconds; "worker": one of its processes, then all."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True, pipesize=4096)
    assert process.stdout is not None
    while lines and process.stdout.readline():
        lines -= 1
    time.sleep(delay)
    end(process, kind)
    if kind == "worker":  # the job goes on, and is killed as a whole later
        time.sleep(delay)
        end(process, "group")
    process.stdout.read()
    code = process.wait()
    wait_for_group(process.pid)
    return code


def kill_in_a_write(command: list[str], out: Path) -> int:
    """Kill a job while the first half of a result is there."""
    start = [sys.executable, "-c", SLOW_WRITES, *command[len(PSPM) :]]
    process = subprocess.Popen(start, stdout=subprocess.DEVNULL, start_new_session=True)
    while process.poll() is None:
        halves = [path for path in (out / "_pspm/unfinished").glob("*/*") if _size(path)]
        if halves:
            os.killpg(process.pid, signal.SIGKILL)
            assert [path for path in halves if path.exists()]
        time.sleep(0.01)
    return process.wait()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def test_killed_jobs(tmp_path: Path) -> None:
    source, model = tmp_path / "photos", small_view(tmp_path / "model")
    make_photos(source)
    options = [str(source), "--effect", "cutout", "--model", str(model), "--threads", "1", "-o"]
    subprocess.run([*PSPM, "batch", *options, str(tmp_path / "plain"), "--quiet"], check=True)
    expected = results(tmp_path / "plain")
    assert len(expected) == PHOTOS

    out = tmp_path / "killed"
    command = [*PSPM, "batch", *options, str(out), "--json-lines"]
    moments = random.Random(SEED)  # noqa: S311
    codes = []
    for number in range(KILLS):
        kind = ("write", "parent", "worker", "group")[number % 4]
        lines = moments.randint(0, max(1, 2 * PHOTOS // (KILLS + 2)))
        if kind == "write":
            codes.append(kill_in_a_write(command, out))
        else:
            codes.append(kill_after([*command, "--jobs", "2"], kind, lines, moments.uniform(0, 0.3)))
    done = subprocess.run([*command, "--jobs", "2"], check=True, capture_output=True, text=True)

    assert json.loads(done.stdout.splitlines()[-1])["failed"] == 0
    assert results(out) == expected
    assert list((out / "_pspm/unfinished").iterdir()) == []
    assert list(out.rglob(".*")) == []
    ledgers = sorted((out / JOB_LEDGERS).iterdir())
    lines_of = Counter(line["output"] for ledger in ledgers for line in ledger_lines(ledger) if "output" in line)
    assert lines_of == Counter(expected.keys())
    killed = codes.count(-signal.SIGKILL)
    print(
        f"\n{PHOTOS} photos, {killed} kills of {KILLS} in time: tree identical, {len(ledgers)} ledgers, no line twice."
    )
