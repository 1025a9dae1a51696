"""A folder run that is killed again and again and resumed gives what an uninterrupted one gives.

`make killed-runs` does this with 2,000 photos and ten kills, and prints figures.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pspm_runtime.bundle import DEFAULT_MODEL, open_bundle
from pspm_runtime.command.batch.ledger.ledger_lines import LEDGER, ledger_lines
from pspm_runtime.files.sample import sample_photo

from tests.runtime.pictures import snapshot

pytestmark = pytest.mark.slow

PHOTOS = int(os.environ.get("PSPM_KILLED_RUNS_PHOTOS", "30"))
KILLS = int(os.environ.get("PSPM_KILLED_RUNS_KILLS", "5"))
SEED = int(os.environ.get("PSPM_KILLED_RUNS_SEED", "1"))
JOBS = 2
SIDE = 160

START = """
import signal, sys
import pspm_command
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the tests run in the background
sys.exit(pspm_command.main())
"""
PSPM = [sys.executable, "-c", START]


def make_photos(folder: Path) -> None:
    """Crops of the sample photo, in folders of 50."""
    with Image.open(sample_photo()) as sample:
        picture = sample.convert("RGB").resize((512, 512))
    for i in range(PHOTOS):
        left, top = (37 * i) % (512 - SIDE), (91 * i) % (512 - SIDE)
        path = folder / f"{i // 50:02d}" / f"{i:04d}.{('jpg', 'jpeg', 'png')[i % 3]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.crop((left, top, left + SIDE, top + SIDE)).save(path)


def small_view(folder: Path) -> Path:
    """The default model with a small view, because the runs matter here, not their mattes."""
    bundle = open_bundle(DEFAULT_MODEL)
    shutil.copytree(bundle.model.parent, folder)
    facts = json.loads((folder / "manifest.json").read_text())
    facts["input"]["size"] |= {"side": 64, "longest": 128}
    (folder / "manifest.json").write_text(json.dumps(facts))
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in snapshot(folder).items() if name != LEDGER}


@dataclass
class Interrupted:
    """A run that is ended early, again and again, and what its lines said."""

    command: list[str]
    moments: random.Random
    written: Counter[str] = field(default_factory=Counter)
    skipped: int = 0

    def until(self, kind: str | None) -> int:
        """Run until some results are written, end it, and check that no process is left. Returns the exit code.

        The pipe is small, so that a run that is faster than the test waits for it.
        """
        lines = self.moments.randint(0, max(1, PHOTOS // (KILLS + 2)))
        delay = self.moments.uniform(0, 0.3 if lines else 2)
        process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, text=True, start_new_session=True, pipesize=4096
        )
        assert process.stdout is not None
        while kind and lines and (line := process.stdout.readline()):
            lines -= self._count(line)
        if kind:
            time.sleep(delay)
            end(process, kind)
            if kind == "worker":  # the run goes on, and is ended as a whole later
                time.sleep(delay)
                end(process, "group")
        last: dict[str, Any] = {}
        for line in process.stdout:
            if line.endswith("\n"):
                last = json.loads(line)
                self._count(line)
        code = process.wait()
        if kind in ("SIGINT", "SIGTERM") and last:
            assert last["status"] == "end"
            assert last["stopped"] or not code
        wait_for_group(process.pid)
        return code

    def _count(self, line: str) -> int:
        entry = json.loads(line)
        assert entry["status"] in ("written", "skipped", "end"), entry
        if entry["status"] == "written":
            self.written[entry["output"]] += 1
        self.skipped += entry["status"] == "skipped"
        return int(entry["status"] == "written")


def end(process: "subprocess.Popen[str]", kind: str) -> None:
    try:
        if kind == "parent":
            process.kill()
        elif kind == "worker":
            for worker in workers_of(process.pid)[:1]:
                os.kill(worker, signal.SIGKILL)
        elif kind == "group":
            os.killpg(process.pid, signal.SIGKILL)
        elif kind == "SIGINT":  # as a terminal sends it: to all
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(signal.SIGTERM)
    except ProcessLookupError:
        pass  # it was faster


def workers_of(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = status.read_text().rsplit(")", 1)
            command = (status.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(rest.split()[1]) == parent and b"spawn_main" in command:
            found.append(int(name.split()[0]))
    return found


def wait_for_group(group: int) -> None:
    for _ in range(600):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.killpg(group, signal.SIGKILL)
    pytest.fail("a process outlives its parent")


def test_killed_runs(tmp_path: Path) -> None:
    source, model = tmp_path / "photos", small_view(tmp_path / "model")
    make_photos(source)
    command = [*PSPM, "cutout", str(source), "--model", str(model), "--threads", "1", "-o"]
    times = []
    for jobs in (1, JOBS):
        start = time.perf_counter()
        subprocess.run([*command, str(tmp_path / f"jobs-{jobs}"), "--jobs", str(jobs), "--quiet"], check=True)
        times.append(time.perf_counter() - start)
    expected = tree(tmp_path / "jobs-1")
    assert len(expected) == PHOTOS
    assert tree(tmp_path / f"jobs-{JOBS}") == expected

    out = tmp_path / "killed"
    moments = random.Random(SEED)  # noqa: S311
    run = Interrupted([*command, str(out), "--jobs", str(JOBS), "--resume", "--json-lines"], moments)
    kinds = (["parent", "worker", "group", "SIGTERM", "SIGINT"] * KILLS)[:KILLS]
    codes = [run.until(kind) for kind in kinds]
    assert run.until(None) == 0
    assert set(codes) <= {0, -signal.SIGKILL, 128 + signal.SIGTERM, 128 + signal.SIGINT}  # 0 where a run was faster

    assert tree(out) == expected
    assert [path.name for path in out.rglob(".*")] == [LEDGER]
    assert max(run.written.values()) == 1
    lines = Counter(line["result"] for line in ledger_lines(out / LEDGER) if "result" in line)
    assert lines.keys() == expected.keys()
    # A kill can fall between the line of a result and its name, and it loses what the workers have in hand.
    twice = lines.total() - PHOTOS
    assert twice <= KILLS
    assert PHOTOS - KILLS <= len(run.written) <= PHOTOS
    print(
        f"\n{PHOTOS} photos: 1 process {times[0]:.0f} s, {JOBS} processes {times[1]:.0f} s, equal trees. "
        f"{KILLS} kills, exit codes {codes}: tree identical, {len(run.written)} written once, "
        f"{PHOTOS - len(run.written)} written but killed before they said so, {twice} lines of the ledger twice."
    )
