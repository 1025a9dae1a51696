"""One process of the fuzzer: judge damaged files by their numbers, and print a line of JSON for each.

python -m tests.fuzz.worker SEED FIRST END STEP. A line that names an input is printed before it is judged, so that
the process that reads them knows which input ended this one, or never ends.
"""

import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.fuzz.subjects import MAX_MEGAPIXELS, Subjects
from tests.runtime.pictures import encoded, noise

ELSE = "anything else"
MOST_MEGABYTES = 150.0
# Of processor time for an input: a hundred times what the slowest sound picture takes.
MOST_SECONDS = 30.0


@contextmanager
def standard_error_kept() -> Iterator[None]:
    """Collect what this process prints to standard error in a file, for `judged`."""
    kept = os.dup(2)
    with tempfile.TemporaryFile() as printed:
        os.dup2(printed.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def judged(subjects: Subjects, subject: str, name: str, data: bytes) -> tuple[str, str]:
    """The outcome, and what is wrong if it is `ELSE`."""
    printed = os.fstat(2).st_size
    try:
        outcome = subjects.judge(subject, name, data)
    except BaseException as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return ELSE, f"{type(error).__name__}: {str(error)[:300]} ({Path(place.filename).name}:{place.lineno})"
    sys.stderr.flush()
    if os.fstat(2).st_size > printed:
        return ELSE, f"printed {os.pread(2, 300, printed).decode(errors='replace')!r}"
    return outcome, ""


def warm_up(subjects: Subjects) -> None:
    """Take the memory that the largest sound pictures take, so that only more than that counts."""
    side = int((MAX_MEGAPIXELS * 1e6) ** 0.5)
    rgba = Image.fromarray(np.dstack([noise(side, side), noise(side, side)[..., 0]]))
    for effect in range(4):
        data = encoded(rgba, "PNG", compress_level=1)
        subjects.judge("photo", "large.png", data + bytes(effect - len(data) % 4 + 4))


def peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(seed: int, first: int, end: int, step: int) -> None:
    """Judge the inputs `first`, `first + step`, ... before `end`."""
    with tempfile.TemporaryDirectory() as folder, standard_error_kept():
        subjects = Subjects(Path(folder))
        warm_up(subjects)
        for index in range(first, end, step):
            subject, name, data = subjects.made(seed, index)
            print(json.dumps({"begin": index, "subject": subject, "name": name}), flush=True)
            before, start = peak(), time.process_time()
            # When the time is over, the system ends this process.
            signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
            outcome, reason = judged(subjects, subject, name, data)
            signal.setitimer(signal.ITIMER_PROF, 0)
            megabytes = peak() - before
            if megabytes > MOST_MEGABYTES:
                outcome, reason = ELSE, f"took {megabytes:.0f} MB"
            line: dict[str, Any] = {"end": index, "outcome": outcome, "reason": reason}
            print(json.dumps(line | {"seconds": time.process_time() - start, "megabytes": megabytes}), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
