"""The table of all formats and precisions: size, parity, latency, memory. Measured in one run, written as Markdown."""

import json
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from pspm_runtime.benchmark.device import device, packages
from pspm_runtime.benchmark.rounds import time_in_turn
from pspm_runtime.bundle import MANIFEST, open_bundle
from pspm_runtime.engines.open_engine import open_engine
from pspm_runtime.errors import ModelError
from pspm_runtime.tables import markdown_table

from pspm.networks import MattingNetwork
from pspm_export.bundle import write_bundle
from pspm_export.plan.export_spec import SIDE, ExportSpec, spec_for
from pspm_export.plan.formats import Format
from pspm_export.verification.sample_inputs import sample_view

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


class Exported(NamedTuple):
    """One file of the table. facts: its manifest. seconds: CPU time of the conversion."""

    bundle: Path
    spec: ExportSpec
    facts: dict[str, Any]
    seconds: float


def write_table(
    networks: Sequence[tuple[MattingNetwork, str]],
    rows: Sequence[Format],
    data: Path | None,
    limit: int | None,
    out: Path,
) -> None:
    """Export trained networks, each with its name, in all precisions of the formats; measure them, write the table.

    A file that fails its verification gets a line with the reason. limit: the largest number of pictures of each set.
    """
    with TemporaryDirectory() as folder:
        files, refused = [], []
        for network, name in networks:
            for row in rows:
                for precision in row.precisions:
                    bundle = Path(folder) / name / row.name / precision
                    spec = spec_for(network, row, precision, (SIDE, SIDE))
                    try:
                        _, seconds = write_bundle(network, name, bundle, spec, data, limit)
                        files.append(Exported(bundle, spec, json.loads((bundle / MANIFEST).read_text()), seconds))
                    except ModelError as error:
                        refused.append(f"{name}, {row.name}, {precision}: {error}")
        native = [file.bundle for file in files if file.spec.format.native]
        times, memory = latencies(native), {bundle: memory_mb(bundle, (SIDE, SIDE)) for bundle in native}
        lines: list[Sequence[str]] = [COLUMNS]
        for file in files:
            baseline = times.get(Path(folder) / file.facts["name"] / "onnx" / "fp32")
            ratio = f"{times[file.bundle] / baseline:.2f}" if baseline and file.bundle in times else "-"
            peak = memory.get(file.bundle)
            lines.append((*_facts(file), ratio, f"{peak:.0f}" if peak else "-", f"{file.seconds:.0f}"))
    here = {**device(), **packages(), **_versions()}
    text = PREFACE.format(
        command=_command(data),
        side=SIDE,
        pictures=f"the first {limit} of each set" if limit else "all of both sets",
        rounds=ROUNDS,
        machine=", ".join(f"{key} {value}" for key, value in here.items() if key != "name"),
    )
    reasons = "".join(f"\nNot written: {reason}\n" for reason in refused)
    out.write_text(text + markdown_table(lines) + "\n" + reasons)


def latencies(bundles: Sequence[Path]) -> dict[Path, float]:
    """Milliseconds of CPU for one matte of each bundle on one thread: the fastest of `ROUNDS`, in turn."""
    view = sample_view(SIDE, SIDE)
    engines = {str(bundle): open_engine(open_bundle(bundle), threads=1) for bundle in bundles}
    times = time_in_turn({name: partial(engine.alpha, view) for name, engine in engines.items()}, ROUNDS)
    return {bundle: min(times[str(bundle)]) for bundle in bundles}


def memory_mb(bundle: Path, size: tuple[int, int]) -> float | None:
    """Megabytes that opening a bundle and one matte of (height, width) add to the peak of a process; Linux only."""
    if sys.platform != "linux":
        return None
    arguments = [sys.executable, "-c", _OPEN_AND_RUN, str(bundle), *map(str, size)]
    return float(subprocess.run(arguments, capture_output=True, check=True).stdout)  # noqa: S603 - our own program


# The imports must not count. So they come first, and 5 in clear_refs then resets the peak to the present use.
_OPEN_AND_RUN = """
import sys
from pathlib import Path
import ai_edge_litert.interpreter, numpy as np
import pspm_runtime
import onnxruntime
from pspm_runtime.bundle import open_bundle
from pspm_runtime.engines.open_engine import open_engine
def kilobytes(mark):
    return next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if mark in line)
bundle, size = open_bundle(sys.argv[1]), map(int, sys.argv[2:])
Path("/proc/self/clear_refs").write_text("5")
before = kilobytes("VmRSS")
open_engine(bundle, 1).alpha(np.zeros((*size, 3), np.uint8))
print((kilobytes("VmHWM") - before) * 1024 / 1e6)
"""


def _facts(file: Exported) -> tuple[str, ...]:
    facts, spec = file.facts, file.spec
    found, regressions = facts["parity"][0], facts["sad_drift"] or {}
    return (
        f"{facts['name']}, {spec.format.name}, {spec.precision}",
        f"{facts['bytes'] / 1e6:.1f}",
        str(sum(facts["operators"].values())),
        f"{found['mean_error']:.1e}",
        f"{found['far_share']:.2%}",
        f"{found['iou']:.4f}",
        *(f"{regressions[name]['share']:+.1%}" if name in regressions else "-" for name in ("portraits", "cutouts")),
    )


def _command(data: Path | None) -> str:
    """The command line with local paths replaced."""
    words = ("DATA" if word == str(data) else "CHECKPOINT" if word.endswith(".ckpt") else word for word in sys.argv[1:])
    return " ".join(["pspm", *words])


def _versions() -> dict[str, str]:
    return {name: version(name) for name in CONVERTERS}
