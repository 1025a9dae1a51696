"""What running PSPM costs a machine beside time per photo: peak memory, start-up time, install size."""

import os
import subprocess
import sys
import time
from importlib.metadata import distribution, requires
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from pspm_runtime.benchmark.rounds import time_in_turn
from pspm_runtime.files.sample import synthetic_jpeg
from pspm_runtime.looks.quality import DEFAULT_QUALITY, Quality

STARTS = 5
START_COMMANDS = {"import pspm": ["-c", "import pspm"], "pspm --help": ["-m", "pspm_runtime.command.cli", "--help"]}
PACKAGES = ("pspm", "pspm_runtime", "pspm_export")

# On Linux it reads the kernel's own mark, because getrusage includes the parent process.
_CUT_OUT = """
import resource, sys
from pathlib import Path
import pspm_runtime
from pspm_runtime.files.encoding.encode_png import encode_png
encode_png(pspm_runtime.load(sys.argv[1], quality=sys.argv[2]).cut_out(sys.stdin.buffer.read()))
status = Path("/proc/self/status")
if status.exists():
    mark = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    print(int(mark.split()[1]) * 1024 / 1e6)
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)
"""


def peak_mb(model: str, megapixels: float, quality: Quality = DEFAULT_QUALITY) -> float | None:
    """Peak memory in MB of a new process that cuts out a JPEG of this size, network included; None on Windows."""
    if sys.platform == "win32":
        return None
    done = _python("-c", _CUT_OUT, model, quality, stdin=synthetic_jpeg(megapixels))
    return float(done.stdout)


def start_up_s() -> dict[str, float]:
    """Median seconds, wall clock, that a new Python process takes to import the package and to print the help."""
    calls = {name: lambda arguments=arguments: _python(*arguments) for name, arguments in START_COMMANDS.items()}
    times = time_in_turn(calls, STARTS, time.perf_counter, warm_up=0)
    return {name: median(series) / 1e3 for name, series in times.items()}


def install_mb() -> float:
    """Megabytes of a plain install: our packages with the weights, and everything that they require."""
    ours = [p for name in PACKAGES for p in _package(name).rglob("*") if p.is_file() and p.suffix != ".pyc"]
    theirs = [
        Path(str(file.locate())) for name in _requirements("pspm", set()) for file in distribution(name).files or []
    ]
    return sum(path.stat().st_size for path in {*ours, *theirs} if path.exists()) / 1e6


def _python(*arguments: str, stdin: bytes | None = None) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=True)  # noqa: S603 - our own program


def _package(name: str) -> Path:
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else Path(os.devnull)


def _requirements(name: str, seen: set[str]) -> set[str]:
    """Names of all distributions that a distribution requires, directly or not, without extras."""
    from packaging.requirements import Requirement

    for line in requires(name) or []:
        requirement = Requirement(line)
        if requirement.name not in seen and (requirement.marker is None or requirement.marker.evaluate({"extra": ""})):
            seen.add(requirement.name)
            _requirements(requirement.name, seen)
    return seen
