"""Measure a service and print a line for each figure; exit code 1 if a target is missed."""

import argparse
import sys

from tests.scale.measure import over_time, under_attack, under_load


def main() -> int:
    """Run all or some of the measurements."""
    parser = argparse.ArgumentParser(prog="python -m tests.scale", description=__doc__)
    parser.add_argument("--clients", type=int, default=64, help="callers at once (default 64)")
    parser.add_argument("--seconds", type=float, default=60, help="of many callers, and of one (default 60)")
    parser.add_argument("--megapixels", type=float, default=1, help="of the photo (default 1)")
    parser.add_argument("--photos", type=int, default=2000, help="for the memory over time (default 2000)")
    args = parser.parse_args()
    figures = []
    for measured in (
        lambda: under_load(args.clients, args.seconds, args.megapixels),
        under_attack,
        lambda: [over_time(max(args.photos // 10, 1), args.photos)],
    ):
        for figure in measured():
            print(figure, flush=True)
            figures.append(figure)
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
