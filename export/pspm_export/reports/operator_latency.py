"""What the upsampling costs in a network as it is shipped: ONNX files with one operator and another, in turns.

    python -m pspm_export.reports.operator_latency [--network b5] [--side 256] [--plot FILE.svg] NAME[=ERROR] ...

prints a table; with the error of each operator, measured elsewhere, --plot draws it against the latency.
"""

import argparse
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from pspm_runtime.benchmark.plots import scatter
from pspm_runtime.files.save import write as save

from pspm.networks import build
from pspm_export.writers import onnx as writer

ROUNDS = 9


def latencies(network: str, operators: list[str], side: int, rounds: int = ROUNDS) -> dict[str, float]:
    """Median CPU milliseconds on one thread of `network` with each operator, weights at random, in float32.

    Every round runs every file once; the first, which warms up, does not count.
    """
    image = np.random.default_rng(0).uniform(-1, 1, (1, 3, side, side)).astype(np.float32)
    runs = {}
    with TemporaryDirectory() as folder:
        for name in operators:
            path = Path(folder) / f"{name}.onnx"
            built = build(f"{network}+{name}").eval()
            writer.write(built, path, precision="fp32", size=(side, side), dynamic=False, calibration=())
            runs[name] = writer.open(path)
    times: dict[str, list[float]] = {name: [] for name in operators}
    for _ in range(rounds + 1):
        for name, run in runs.items():
            start = time.process_time()
            run(image)
            times[name].append((time.process_time() - start) * 1e3)
    return {name: median(series[1:]) for name, series in times.items()}


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
    print("| operator | latency |\n| --- | --- |")
    for name, ms in found.items():
        print(f"| `{name}` | {ms / first:.2f} |")
    if args.plot:
        points = {name: (found[name] / first, float(error)) for name, error in errors.items() if error}
        drawing = scatter(points, f"latency, {next(iter(found))} = 1", args.error_label)
        svg = drawing.replace(
            "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="12" ', 1
        )
        save(svg.encode(), args.plot, force=True)


if __name__ == "__main__":
    main()
