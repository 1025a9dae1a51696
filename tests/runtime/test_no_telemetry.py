import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PROGRAMS = {
    "pspm": ["-m", "pspm_runtime.command.cli", "alpha", "PHOTO", "-o", "alpha.png"],
    "Python": ["-c", "import pspm; pspm.predict_alpha('PHOTO')"],
    "export": ["-c", "import pspm_export.writers.onnx.writer; import onnxruntime"],
    "evaluation": ["-c", "import pspm.evaluation.candidate; import onnxruntime"],
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_nothing_is_written_to_the_home(name: str, tmp_path: Path, astronaut: Path) -> None:
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    environment = {k: v for k, v in os.environ.items() if k not in ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")}
    arguments = [argument.replace("PHOTO", str(astronaut)) for argument in PROGRAMS[name]]

    subprocess.run([sys.executable, *arguments], env={**environment, "HOME": str(home)}, cwd=work, check=True)

    assert [str(path) for path in home.rglob("*")] == []
