"""The speed of the thesis's networks and of `mobile` here, beside that of the thesis's GTX 1080 Ti (Table 6.4).

    python -m pspm_export.reports.network_speed [NETWORK ...]

prints a table. Frames per second are 1 / the CPU time of the network alone, on one thread, for a view of 512 x 512.
"""

import argparse
from collections.abc import Mapping

from pspm_runtime.benchmark.device import device
from pspm_runtime.tables import markdown_table

from pspm.networks import NETWORKS
from pspm.reproduce.printed_tables import table
from pspm_export.reports.onnx_latency import latencies

NETWORKS_HERE = ("b1", "b3", "b4", "b5", "b5-fm", "mobile")
SIDE = 512


def printed() -> dict[str, float]:
    """The FPS that Table 6.4 prints, by the name of the network."""
    thesis = table("6.4")
    column = thesis.columns.index("FPS")
    return {row.run: float(row.printed[column]) for row in thesis.rows if row.run and row.printed[column]}


def speed_table(milliseconds: Mapping[str, float]) -> str:
    """A Markdown table of networks, with their times as multiples of the first one's, here and in the thesis."""
    thesis = printed()
    first = next(iter(milliseconds))
    rows = [("network", "FPS here", f"time of {first}", "FPS, GTX 1080 Ti", f"time of {first}, GTX 1080 Ti")]
    for name, each in milliseconds.items():
        fps = thesis.get(name)
        ratio = f"{thesis[first] / fps:.2f}" if fps and first in thesis else ""
        here = f"{each / milliseconds[first]:.2f}"
        rows.append((f"`{name}`", f"{1e3 / each:.1f}", here, f"{fps:.1f}" if fps else "", ratio))
    return markdown_table(rows)


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(
        prog="python -m pspm_export.reports.network_speed", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("networks", nargs="*", metavar="NETWORK")
    networks = parser.parse_args().networks or NETWORKS_HERE
    for name in networks:
        if name not in NETWORKS:
            parser.error(f"there is no network named {name!r}; the networks are {', '.join(NETWORKS)}")
    print(f"{device()['processor']}, one thread, {SIDE} x {SIDE}\n")
    print(speed_table(latencies(networks, SIDE)))


if __name__ == "__main__":
    main()
