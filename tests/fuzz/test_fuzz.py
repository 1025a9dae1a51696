"""2,000 damaged files; `make fuzz` runs more. Every one gives a right result or one sentence."""

import os
from collections import Counter

import pytest

from tests.fuzz.run import run
from tests.fuzz.subjects import RIGHT, SENTENCE
from tests.fuzz.worker import ELSE

pytestmark = pytest.mark.slow

SEED, COUNT = 20, 2000


def test_damaged_files_give_a_right_result_or_one_sentence() -> None:
    counts, wrong = Counter[str](), []
    for outcome in run(SEED, COUNT, jobs=1):
        counts[outcome.outcome] += 1
        if outcome.outcome == ELSE:
            wrong.append(f"input {outcome.index} of seed {SEED}, {outcome.subject} {outcome.name}: {outcome.reason}")

    assert not wrong, os.linesep.join([*wrong, f"make fuzz N={COUNT} SEED={SEED} writes these files to build/fuzz"])
    assert counts.total() == COUNT
    assert min(counts[RIGHT], counts[SENTENCE]) > COUNT / 5
