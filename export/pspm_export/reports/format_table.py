"""The table of what every format and precision costs and loses, measured in one run and written as Markdown."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pspm_runtime.benchmark.device import device, packages
from pspm_runtime.bundle import MANIFEST
from pspm_runtime.errors import ModelError

from pspm.networks import MattingNetwork
from pspm_export.bundle import write_bundle
from pspm_export.plan.calibration import sample_input
from pspm_export.plan.export_spec import SIDE, Target
from pspm_export.plan.formats import Format

ROUNDS = 7
CONVERTERS = ("torch", "onnx", "onnxruntime", "litert-torch", "ai-edge-litert", "ai-edge-quantizer", "coremltools")
COLUMNS = (
    *("model, format, precision", "MB", "ops", "mean error", "beyond 0.01", "IoU"),
    *("SAD, portraits", "SAD, cutouts", "latency", "memory MB", "conversion, s"),
)
PREFACE = """# The formats, measured

`{command}` wrote this table. [export.md](export.md) explains the precisions and their bounds.

- Every file takes {side}x{side}. Its alpha of the sample portrait is compared with torch in float32 at that size.
- **mean error, beyond 0.01, IoU**: mean error of the alpha, share of the pixels off by more than 0.01,
  IoU of the masks at 0.5.
- **SAD**: how much larger the file's SAD is than torch's, on held-out pictures ({pictures}).
- **latency**: CPU time of the fastest of {rounds} rounds on one thread, the files taking turns,
  divided by that of the fp32 ONNX file.
- **memory**: what opening the file and computing one matte add to the process.
- **conversion**: CPU time of all threads, calibration included, verification excluded.
- Core ML runs on Apple's systems only. Its figures come from an interpreter of the saved program,
  so it has no latency or memory here.

{machine}

"""


def write_table(
    networks: Sequence[tuple[MattingNetwork, str]],
    rows: Sequence[Format],
    data: Path | None,
    limit: int | None,
    out: Path,
) -> None:
    """Export trained networks, each with its name, in every precision of the formats, measure all, write the table.

    A file that fails its verification has a row that says so. limit: of the validation pictures of each set.
    """
    with TemporaryDirectory() as folder:
        files, refused = [], []
        for network, name in networks:
            for row in rows:
                for precision in row.precisions:
                    bundle, target = Path(folder) / name / row.name / precision, Target(row, precision, dynamic=False)
                    try:
                        _, seconds = write_bundle(network, name, bundle, target, data, limit)
                        facts = json.loads((bundle / MANIFEST).read_text())
                        files.append((target, bundle / row.file, facts, seconds))
                    except ModelError as error:
                        refused.append(f"{name}, {row.name}, {precision}: {error}")
        native = {file: target for target, file, *_ in files if target.format.native}
        times, memory = latencies(native), {file: memory_mb(file, target) for file, target in native.items()}
        lines = [_line(COLUMNS), _line(["---"] * len(COLUMNS))]
        for target, file, facts, seconds in files:
            baseline = times.get(Path(folder) / facts["name"] / "onnx" / "fp32" / "model.onnx")
            ratio = f"{times[file] / baseline:.2f}" if baseline and file in times else "-"
            peak = memory.get(file)
            costs = ratio, f"{peak:.0f}" if peak else "-", f"{seconds:.0f}"
            lines.append(_line([*_facts(target, facts), *costs]))
    here = {**device(), **packages(), **_versions()}
    text = PREFACE.format(
        command=_command(data),
        side=SIDE,
        pictures=f"the first {limit} of each set" if limit else "all of both sets",
        rounds=ROUNDS,
        machine=", ".join(f"{key} {value}" for key, value in here.items() if key != "name"),
    )
    out.write_text(text + "\n".join([*lines, *(f"\nNot written: {reason}" for reason in refused)]) + "\n")


def latencies(files: dict[Path, Target]) -> dict[Path, float]:
    """Milliseconds of CPU for one matte of each file: the fastest of `ROUNDS`, the files taking turns."""
    opened = {file: target.format.writer().open(file) for file, target in files.items()}
    image = sample_input(SIDE, SIDE).numpy()
    fastest = dict.fromkeys(files, float("inf"))
    for _ in range(ROUNDS + 1):
        for file, run in opened.items():
            start = time.process_time()
            run(image)
            fastest[file] = min(fastest[file], (time.process_time() - start) * 1e3)
    return fastest


def memory_mb(file: Path, target: Target) -> float | None:
    """Megabytes that a process of its own takes on at the peak of opening a file and of one matte; Linux only."""
    if sys.platform != "linux":
        return None
    arguments = [sys.executable, "-c", _OPEN_AND_RUN, target.format.module, str(file), *map(str, target.size)]
    return float(subprocess.run(arguments, capture_output=True, check=True).stdout)  # noqa: S603 - our own program


# Writing 5 to clear_refs sets the mark of the peak back to what is used now, so that the imports do not count.
_OPEN_AND_RUN = """
import sys
from importlib import import_module
from pathlib import Path
import numpy as np
def kilobytes(mark):
    return next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if mark in line)
module, file, size = import_module(sys.argv[1]), Path(sys.argv[2]), map(int, sys.argv[3:])
Path("/proc/self/clear_refs").write_text("5")
before = kilobytes("VmRSS")
module.open(file)(np.zeros((1, 3, *size), np.float32))
print((kilobytes("VmHWM") - before) * 1024 / 1e6)
"""


def _facts(target: Target, facts: dict[str, Any]) -> list[str]:
    found, drifts = facts["parity"][0], facts["sad_drift"] or {}
    return [
        f"{facts['name']}, {target.format.name}, {target.precision}",
        f"{facts['bytes'] / 1e6:.1f}",
        str(sum(facts["operators"].values())),
        f"{found['mean_error']:.1e}",
        f"{found['far_share']:.2%}",
        f"{found['iou']:.4f}",
        *(f"{drifts[name]['share']:+.1%}" if name in drifts else "-" for name in ("portraits", "cutouts")),
    ]


def _command(data: Path | None) -> str:
    """What was typed, without the folders of whoever typed it."""
    words = ("DATA" if word == str(data) else "CHECKPOINT" if word.endswith(".ckpt") else word for word in sys.argv[1:])
    return " ".join(["pspm", *words])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _versions() -> dict[str, str]:
    return {name: version(name) for name in CONVERTERS}
