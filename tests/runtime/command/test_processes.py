"""The command as a process of its own: streams, signals, worker processes, kill and resume."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pspm_runtime.command.batch.ledger.ledger_lines import LEDGER

from tests.runtime.pictures import encoded, gradient, snapshot

pytestmark = pytest.mark.slow

PSPM = [sys.executable, "-c", "import sys, pspm_command; sys.exit(pspm_command.main())"]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    source = tmp_path / "in"
    (source / "sub").mkdir(parents=True)
    for i in range(8):
        name = f"sub/{i}.png" if i % 3 == 0 else f"{i}.jpg"
        kind = "PNG" if i % 3 == 0 else "JPEG"
        (source / name).write_bytes(encoded(Image.fromarray(gradient(64 + i, 48)), kind))
    return source


def start(*arguments: Any, **options: Any) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*PSPM, *map(str, arguments), "--threads", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def results(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in snapshot(folder).items() if name != LEDGER}


def shell(line: str, **names: Any) -> subprocess.CompletedProcess[str]:
    """Run a shell command in which $PSPM stands for the program, and redirections may close its streams."""
    script = 'p() { "$PYTHON" -c "import sys, pspm_command; sys.exit(pspm_command.main())" "$@"; }\n' + line
    environment = {**os.environ, "PYTHON": sys.executable, **{name: str(value) for name, value in names.items()}}
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=environment)  # noqa: S607


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("p alpha $IN/1.jpg -o - > /dev/full", "standard output cannot be written: No space left on device"),
        ("p alpha $IN/1.jpg -o - >&-", "standard output is closed"),
        ("p alpha - -o $OUT/a.png <&-", "standard input is closed"),
        ("p alpha $IN -o $OUT --json > /dev/full", "standard output cannot be written"),
        ("p alpha $IN -o $OUT --json-lines >&-", "standard output cannot be written"),
        ("p models > /dev/full", "standard output cannot be"),
        ("p alpha gone.jpg -o $OUT/a.png 2>&-", ""),
        ("p alpha gone.jpg -o $OUT/a.png <&- >&- 2>&-", ""),
    ],
)
def test_streams_that_are_closed_or_full(line: str, sentence: str, photos: Path, tmp_path: Path) -> None:
    done = shell(line, IN=photos, OUT=tmp_path / "out")

    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert bool(done.stderr) == bool(sentence)


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", ">&-", "<&-"])
def test_streams_that_are_not_needed(redirection: str, photos: Path, tmp_path: Path) -> None:
    done = shell(f"p alpha $IN -o $OUT {redirection}", IN=photos, OUT=tmp_path / "out")

    assert done.returncode == 0
    assert len(results(tmp_path / "out")) == 8


# Prints a line as soon as the command answers signals, which Python itself does not do in its first moments.
TELLS_WHEN_READY = """
import signal, sys
import pspm_command
install = signal.signal
def tell(number, handler):
    before = install(number, handler)
    if number == signal.SIGHUP:
        signal.signal = install
        print("ready", flush=True)
    return before
signal.signal = tell
sys.exit(pspm_command.main())
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("delay", [0, 0.2, 0.4, 0.8, 1.2])
def test_signals_at_any_time(number: signal.Signals, delay: float, photos: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", TELLS_WHEN_READY, "alpha", photos, "-o", tmp_path / "out", "--threads", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(delay)
        for _ in range(3):  # as impatient people do
            process.send_signal(number)
        _, err = process.communicate(timeout=60)

    assert process.returncode in (0, 128 + number), err
    if process.returncode:
        assert err.splitlines()[-1] == "pspm: interrupted"
    assert "Traceback" not in err
    assert not [name for name in snapshot(tmp_path) if "/.pspm-" in name and LEDGER not in name]


def test_signal_in_a_run_prints_the_account(photos: Path, tmp_path: Path) -> None:
    process = start("alpha", photos, "-o", tmp_path / "out", "--json-lines", "--jobs", "2")
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)

    assert first["status"] == "written"
    if process.returncode:  # 0 where the run was faster
        assert process.returncode == 143
        end = json.loads(out.splitlines()[-1])
        assert end["stopped"]
        assert end["written"] == len(results(tmp_path / "out"))
        assert err == "pspm: interrupted\n"


def test_jobs_give_the_results_of_one_process(photos: Path, tmp_path: Path) -> None:
    (photos / "bad.jpg").write_bytes(b"no photo")
    accounts = []
    for jobs in (1, 3):
        process = start("cutout", photos, "-o", tmp_path / str(jobs), "--jobs", jobs)
        accounts.append(process.communicate(timeout=120)[1].splitlines()[-3:])
        assert process.returncode == 1

    assert results(tmp_path / "1") == results(tmp_path / "3")
    assert accounts[0] == accounts[1]
    named = ", ".join(str(photos / f"{i}.jpg") for i in (1, 2, 4))
    assert accounts[0][:2] == ["8 of 9 photos done", f"no person found in 8 photos: {named} and 5 more"]


def test_wrong_options_with_jobs(photos: Path, tmp_path: Path) -> None:
    process = start("blur", photos, "-o", tmp_path / "out", "--jobs", "2", "--strength", "7")
    _, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "from 0 to 1" in err
    assert "Traceback" not in err


def test_workers_end_when_their_parent_is_killed(photos: Path, tmp_path: Path) -> None:
    process = start("alpha", photos, "-o", tmp_path / "out", "--json-lines", "--jobs", "2", start_new_session=True)
    assert process.stdout is not None
    process.stdout.readline()
    process.kill()
    process.wait()

    limit = time.monotonic() + 30
    while time.monotonic() < limit:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    pytest.fail("a worker goes on without its parent")


def on_a_terminal(*arguments: Any) -> tuple[int, str]:
    """The exit code of a run, and what it printed to a terminal as its standard error."""
    terminal, stderr = pty.openpty()
    try:
        with subprocess.Popen(
            [*PSPM, *map(str, arguments), "--threads", "1"], stdout=subprocess.PIPE, stderr=stderr
        ) as process:
            os.close(stderr)
            shown = b""
            with suppress(OSError):  # the end, on Linux
                while part := os.read(terminal, 4096):
                    shown += part
    finally:
        os.close(terminal)
    return process.returncode, shown.decode()


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_on_a_terminal(jobs: int, photos: Path, tmp_path: Path) -> None:
    code, shown = on_a_terminal("alpha", photos, "-o", tmp_path / "out", "--jobs", jobs)

    bars, account, nobody = shown.replace("\r\n", "\n").rstrip("\n").rsplit("\n", 2)
    states = [state for state in bars.split("\r") if state.strip()]
    assert code == 0
    assert account == "8 of 8 photos done"
    assert nobody.startswith("no person found in 8 photos: ")
    assert re.search(r"0photo \[00:00, \?photo/s\]", states[0])
    # The total is known when the photos are counted, long before they are done.
    assert any(re.search(r"[1-7]/8 \[\d\d:\d\d<\d\d:\d\d, +[\d.]+(photo/s|s/photo)\]", state) for state in states)
    assert re.search(r"100%.* 8/8 \[", states[-1])


@pytest.mark.parametrize("option", ["--quiet", "--json", "--json-lines"])
def test_no_progress(option: str, photos: Path, tmp_path: Path) -> None:
    assert on_a_terminal("alpha", photos, "-o", tmp_path / "out", option) == (0, "")


def test_quiet_prints_failures(photos: Path, tmp_path: Path) -> None:
    (photos / "bad.jpg").write_bytes(b"no photo")
    code, shown = on_a_terminal("alpha", photos, "-o", tmp_path / "out", "--quiet")

    assert code == 1
    assert shown.startswith(f"pspm: {photos}/bad.jpg is not a picture")
    assert shown.count("\n") == 1


def test_reader_that_goes_early(photos: Path, tmp_path: Path) -> None:
    """The account goes to standard error instead."""
    done = shell("p alpha $IN -o $OUT --json-lines | head -1; echo ${PIPESTATUS[0]}", IN=photos, OUT=tmp_path / "out")

    first, code = done.stdout.splitlines()
    written = len(results(tmp_path / "out"))
    assert json.loads(first)["status"] == "written"
    assert (code, done.stderr) == ("1", done.stderr) or written == 8
    assert re.match(rf"(stopped early: )?{written} photos? done|{written} of 8 photos done", done.stderr)
    assert "Traceback" not in done.stderr


def test_warnings_of_pillow_are_not_printed(photos: Path, tmp_path: Path) -> None:
    broken = encoded(Image.new("RGB", (20, 20)), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff junk")
    (photos / "1.jpg").write_bytes(broken)
    process = start("alpha", photos / "1.jpg", "-o", tmp_path / "a.png", "--keep-metadata")

    assert process.communicate(timeout=60) == ("", f"pspm: no person found in {photos / '1.jpg'}\n")
    assert process.returncode == 0


def test_two_processes_on_one_folder(photos: Path, tmp_path: Path) -> None:
    processes = [start("alpha", photos, "-o", tmp_path / "out", "--json") for _ in range(2)]
    accounts = [json.loads(process.communicate(timeout=60)[0]) for process in processes]

    assert len(results(tmp_path / "out")) == 8
    for account, process in zip(accounts, processes, strict=True):
        done = {*account["written"], *account["skipped"]}
        # A process that begins when the other one has ended finds results of an earlier run.
        assert len(done) == 8 or {failed["error"].endswith("--force to replace it") for failed in account["failed"]}
        assert process.returncode == (1 if account["failed"] else 0)
    assert sum(len(account["written"]) for account in accounts) == 8
