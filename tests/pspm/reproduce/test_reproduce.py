"""`pspm reproduce` with tiny budgets on generated pictures."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from pspm_runtime.command.cli import main

from pspm.data.folders.split import held_back

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def portraits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two training pictures and one held-out picture of each set."""
    root, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    disc = np.zeros((96, 80), np.uint8)
    cv2.circle(disc, (40, 48), 24, 255, -1)
    soft = cv2.GaussianBlur(disc, (0, 0), 3)
    for folder, colour in (("portraits", "image"), ("cutouts", "colour")):
        for part in (colour, "alpha"):
            (root / folder / part).mkdir(parents=True)
        for name in ("one", "two", min(held_back(folder))):
            picture = np.where(disc[..., None] > 0, *rng.integers(0, 255, (2, 3))).astype(np.uint8)
            cv2.imwrite(str(root / folder / colour / f"{name}.png"), picture)
            cv2.imwrite(str(root / folder / "alpha" / f"{name}.png"), soft)
    (root / "backgrounds").mkdir()
    for name in ("one", min(held_back("backgrounds"))):
        cv2.imwrite(str(root / f"backgrounds/{name}.png"), rng.integers(0, 255, (96, 80, 3), np.uint8))
    return root


def command(data: Path, out: Path, table: str, *options: str) -> list[str]:
    budget = ["--steps", "2", "--crop", "64", "--batch", "2", "--accelerator", "cpu", "--workers", "0"]
    return ["reproduce", table, "--data", str(data), "-o", str(out), *budget, *options]


def test_rows_are_trained_once_and_printed_beside_the_thesis(
    portraits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, page = tmp_path / "out", tmp_path / "table.html"
    options = ("--rows", "B5", "--recipe", "own", "--seeds", "2", "--html", str(page))
    assert main(command(portraits, out, "6.6", *options)) == 0
    printed = capsys.readouterr().out
    assert "| B5 | printed | 5.91 | 0.0518 | 10.96 | 5.82 | 0.0177 | 0.0124 | 0.0246 | 0.0175 |" in printed
    assert " ± " in printed.splitlines()[-1] + printed
    assert "|  | here | not run yet |" in printed
    assert "2 steps a row by the recipe own, batch 2, crops of 64, 2 seeds" in printed
    assert "5.91" in page.read_text()
    results = sorted((out / "results/portraits").iterdir())
    assert [path.name for path in results] == ["b5-own-0.json", "b5-own-1.json"]
    first = json.loads(results[0].read_text())
    assert (first["parameters"], first["pictures"]) == (5_901_379, 1)
    assert first["means"]["SAD"] > 0
    times = [path.stat().st_mtime_ns for path in results]
    # Another table takes the row that is there; nothing is trained again.
    (out / "runs").rename(tmp_path / "gone")
    assert main(command(portraits, out, "6.5", "--rows", "B5", "--recipe", "own", "--seeds", "2", "--json")) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert rows["B5"][0] == first
    assert [path.stat().st_mtime_ns for path in results] == times
    assert not (out / "runs").exists()


def test_a_folder_keeps_one_budget(portraits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "budget.json").write_text(json.dumps({"steps": 3}))
    (tmp_path / "runs").mkdir()
    assert main(command(portraits, tmp_path, "6.4", "--rows", "B5")) == 1
    assert f"{tmp_path} has rows of another budget (data, steps, crop, batch" in capsys.readouterr().err


def test_phases_start_from_one_another(portraits: Path, tmp_path: Path) -> None:
    assert main(command(portraits, tmp_path, "6.7", "--rows", "B5")) == 0
    runs = {path.name: json.loads((path / "run.json").read_text()) for path in (tmp_path / "runs").iterdir()}
    assert {name: run["steps"] for name, run in runs.items()} == {
        "psp-b5-trimap-0": 2,
        "indexnet-0": 2,
        "psp-b5-phase1-0": 1,
        "psp-b5-0": 1,
    }
    taken = [each["taken"] for each in runs["psp-b5-phase1-0"]["started_from"]]
    assert taken == [[], ["mat_decoder.tail.d2", "mat_decoder.tail.d0"]]
    assert runs["psp-b5-0"]["started_from"][0]["source"].endswith("psp-b5-phase1-0/checkpoint.ckpt")


def test_a_row_of_table_3_3_is_trained_with_its_trimaps(
    portraits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(portraits, tmp_path, "3.3", "--rows", "B5")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "| B5 | printed | 60.7 | 0.021 | 40.0 | 61.9 |" in lines
    assert "not run yet" not in lines[lines.index("| B5 | printed | 60.7 | 0.021 | 40.0 | 61.9 |") + 1]
    assert sum("not run yet" in line for line in lines) == 10
    result = json.loads((tmp_path / "results/cutouts/matting-b5-trimap-0.json").read_text())
    assert result["parameters"] == 2_520_939
