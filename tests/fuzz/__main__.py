"""`make fuzz`: damage files at random, and count what comes of it.

python -m tests.fuzz [--count N] [--seed S] [--jobs J] [--found FOLDER]. What ends in anything else than a right result
or one sentence is written to FOLDER, as it was and as small as it can be made.
"""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.fuzz.minimise import minimise
from tests.fuzz.run import Outcome, run
from tests.fuzz.subjects import RIGHT, SENTENCE, Subjects
from tests.fuzz.worker import ELSE, judged, standard_error_kept


def main() -> int:
    """Run the fuzzer, and return 1 if there was anything else."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=20_000, help="number of inputs (default 20000)")
    parser.add_argument("--seed", type=int, default=1, help="random seed (default 1)")
    parser.add_argument("--jobs", type=int, default=1, help="number of processes (default 1)")
    parser.add_argument("--found", type=Path, default=Path("build/fuzz"), help="folder for what is found")
    args = parser.parse_args()
    counts: Counter[str] = Counter()
    slowest, largest, wrong = 0.0, 0.0, []
    for outcome in run(args.seed, args.count, args.jobs):
        counts[outcome.outcome] += 1
        slowest, largest = max(slowest, outcome.seconds), max(largest, outcome.megabytes)
        if outcome.outcome == ELSE:
            wrong.append(outcome)
            print(f"{outcome.index}: {outcome.subject} {outcome.name}: {outcome.reason}", flush=True)
        if counts.total() % 1000 == 0:
            print(f"{counts.total()} inputs: {dict(counts)}", flush=True)
    if wrong:
        _keep(args.seed, wrong, args.found)
    print(
        f"{counts.total()} inputs of seed {args.seed}: {counts[RIGHT]} right, {counts[SENTENCE]} one sentence, "
        f"{counts[ELSE]} anything else; the slowest took {slowest:.1f} s, the largest {largest:.0f} MB"
    )
    return 1 if wrong else 0


def _keep(seed: int, wrong: list[Outcome], folder: Path) -> None:
    """Write the inputs, and those that end without a crash as small as they can be made."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, standard_error_kept():
        subjects = Subjects(Path(temporary))
        for outcome in wrong:
            subject, name, data = subjects.made(seed, outcome.index)
            (folder / f"{subject}-{seed}-{outcome.index}-{name}").write_bytes(data)
            if outcome.ended or outcome.seconds > 1:
                continue
            small = minimise(data, lambda part: judged(subjects, subject, name, part)[0] == ELSE)  # noqa: B023
            (folder / f"{subject}-{seed}-{outcome.index}-small-{name}").write_bytes(small)


if __name__ == "__main__":
    sys.exit(main())
