"""`.ci/run` names the parts that this machine cannot run, and fails for them only where it is asked to."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("bash", "dirname", "env", "tail")


@pytest.mark.parametrize(("strict", "code"), [("", 0), ("1", 1)])
def test_parts_that_did_not_run_are_named(strict: str, code: int, tmp_path: Path) -> None:
    for program in PROGRAMS:
        (tmp_path / program).symlink_to(str(shutil.which(program)))
    make = tmp_path / "make"
    make.write_text("#!/usr/bin/env bash\necho made $1\n")
    make.chmod(0o755)
    # Neither chromium nor a Java compiler is in this folder.
    environment = {"PATH": str(tmp_path), "HOME": os.environ["HOME"], "PSPM_CI_STRICT": strict}

    done = subprocess.run([ROOT / ".ci/run"], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == code, done.stderr
    lines = done.stdout.splitlines()
    assert {"made check", "made install-check", "made demo", "made docs", "made test"} <= set(lines)
    assert "NOT RUN: web-test: chromium is missing; install it with: apt install chromium" in lines
    assert any(line.startswith("NOT RUN: android: ") and "javac" in line for line in lines)
    assert "made android" not in lines
