"""The latency of a network with one operator or another, as ONNX files timed in turn.

    python -m pspm_export.reports.operator_latency [--network b5] [--side 256] [--plot FILE.svg] NAME[=ERROR] ...

prints a table. With the errors of the operators, measured elsewhere, --plot draws them against the latency.
"""

import argparse
from pathlib import Path

from pspm_runtime.benchmark.plots import scatter
from pspm_runtime.files.save import write as save
from pspm_runtime.tables import markdown_table

from pspm_export.reports.onnx_latency import latencies


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
    timed = latencies([f"{args.network}+{name}" for name in errors], args.side)
    found = dict(zip(errors, timed.values(), strict=True))
    first = next(iter(found.values()))
    rows = [(f"`{name}`", f"{ms / first:.2f}") for name, ms in found.items()]
    print(markdown_table([("operator", "latency"), *rows]))
    if args.plot:
        points = {name: (found[name] / first, float(error)) for name, error in errors.items() if error}
        svg = scatter(points, f"latency, {next(iter(found))} = 1", args.error_label, standalone=True)
        save(svg.encode(), args.plot, force=True)


if __name__ == "__main__":
    main()
