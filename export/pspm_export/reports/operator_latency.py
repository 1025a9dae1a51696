"""The latency of a network with one operator or another, as ONNX files timed in turn.

    python -m pspm_export.reports.operator_latency [--network b5] [--side 256] [--plot FILE.svg] NAME[=ERROR] ...

prints a table. With the errors of the operators, measured elsewhere, --plot draws them against the latency.
"""

import argparse
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from pspm_runtime.benchmark.plots import scatter
from pspm_runtime.benchmark.rounds import time_in_turn
from pspm_runtime.files.save import write as save
from pspm_runtime.tables import markdown_table

from pspm.networks import build
from pspm_export.plan.export_spec import spec_for
from pspm_export.plan.formats import FORMATS
from pspm_export.writers.onnx.writer import OnnxWriter

ROUNDS = 9


def latencies(network: str, operators: list[str], side: int, rounds: int = ROUNDS) -> dict[str, float]:
    """Median CPU milliseconds of `network` with each operator, in float32 on one thread, with random weights."""
    view = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    engines, writer = {}, OnnxWriter()
    with TemporaryDirectory() as folder:
        for name in operators:
            path = Path(folder) / f"{name}.onnx"
            built = build(f"{network}+{name}").eval()
            spec = spec_for(built, FORMATS["onnx"], "fp32", (side, side))
            writer.write(built, path, spec)
            engines[name] = writer.open_engine(path, spec)
    times = time_in_turn({name: partial(engine.alpha, view) for name, engine in engines.items()}, rounds)
    return {name: median(series) for name, series in times.items()}


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(
        prog="python -m pspm_export.reports.operator_latency", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("operators", nargs="+", metavar="NAME[=ERROR]")
    parser.add_argument("--network", default="b5")
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--plot", type=Path, metavar="FILE.svg")
    parser.add_argument("--error-label", default="SAD")
    args = parser.parse_args()
    errors = {name: error for name, _, error in (text.partition("=") for text in args.operators)}
    found = latencies(args.network, list(errors), args.side)
    first = next(iter(found.values()))
    rows = [(f"`{name}`", f"{ms / first:.2f}") for name, ms in found.items()]
    print(markdown_table([("operator", "latency"), *rows]))
    if args.plot:
        points = {name: (found[name] / first, float(error)) for name, error in errors.items() if error}
        svg = scatter(points, f"latency, {next(iter(found))} = 1", args.error_label, standalone=True)
        save(svg.encode(), args.plot, force=True)


if __name__ == "__main__":
    main()
