"""A folder takes one budget, from its first run on."""

import json
from pathlib import Path

import pytest

from pspm.budget_file import claim_folder


def test_a_folder_with_results_takes_one_budget(tmp_path: Path) -> None:
    claim_folder(tmp_path / "out", {"steps": 2, "crop": 64}, "rows")
    (tmp_path / "out/results").mkdir()
    claim_folder(tmp_path / "out", {"steps": 2, "crop": 64}, "rows")
    with pytest.raises(
        ValueError, match=r"out has rows of another budget \(steps\); use its options or another folder"
    ):
        claim_folder(tmp_path / "out", {"steps": 3, "crop": 64}, "rows")
    assert json.loads((tmp_path / "out/budget.json").read_text()) == {"steps": 2, "crop": 64}


def test_a_run_that_failed_at_once_does_not_bind_the_folder(tmp_path: Path) -> None:
    claim_folder(tmp_path, {"steps": 2}, "rows")
    claim_folder(tmp_path, {"steps": 3}, "rows")
    assert json.loads((tmp_path / "budget.json").read_text()) == {"steps": 3}
