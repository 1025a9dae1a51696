"""A training that a signal ends: its exit code, what it says, and where it resumes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

pytestmark = pytest.mark.slow

COMMAND = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the tests run in the background
from pspm_runtime.command.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("number", "group"),
    [(signal.SIGINT, True), (signal.SIGTERM, False), (signal.SIGTERM, True)],
    ids=["Ctrl-C", "SIGTERM", "SIGTERM for the group"],
)
def test_a_signal_ends_a_run_that_resumes(number: signal.Signals, group: bool, data: Path, tmp_path: Path) -> None:
    """Only SIGTERM saves, as clusters send it ahead of SIGKILL. To the group, it also ends the process that reads."""
    command = [sys.executable, "-c", COMMAND, "train", "mobile", "--data", str(data)]
    options = ["--fast-dev-run", "--steps", "100000", "--workers", "1", "--accelerator", "cpu", "-o", str(tmp_path)]
    log = tmp_path / "log.jsonl"
    with subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stderr is not None
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline and process.poll() is None and not (log.exists() and log.read_text()):
            time.sleep(0.05)
        (os.killpg if group else os.kill)(process.pid, number)
        said = process.stderr.read()
    assert process.returncode == 128 + number
    assert "Traceback" not in said
    assert "the same command resumes from step" in said
    assert said.endswith("pspm: interrupted\n")
    if number == signal.SIGTERM and not group:
        checkpoint = torch.load(tmp_path / "checkpoint.ckpt", weights_only=True)
        assert f"resumes from step {checkpoint['global_step']}" in said
        assert checkpoint["global_step"] >= 1
