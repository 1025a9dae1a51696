"""Files that once were not answered well. Their names begin with the subject that they are given to."""

import os
from pathlib import Path

import pytest

from tests.fuzz.subjects import RIGHT, SENTENCE, Subjects
from tests.fuzz.worker import judged, standard_error_kept

CORPUS = sorted((Path(__file__).parent / "corpus").iterdir())


@pytest.fixture(scope="module")
def subjects(tmp_path_factory: pytest.TempPathFactory) -> Subjects:
    return Subjects(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_a_case_is_answered(path: Path, subjects: Subjects) -> None:
    subject, name = path.name.split("-", 1)
    with standard_error_kept():
        outcome, reason = judged(subjects, subject, name, path.read_bytes())
    assert outcome in (RIGHT, SENTENCE), reason


def test_cases_are_small() -> None:
    assert CORPUS
    assert max(os.path.getsize(path) for path in CORPUS) <= 16384  # noqa: PTH202
