"""Compare the results of several machines."""

import json
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from pspm_runtime.command.cli import main

from tests.runtime.benchmark.test_report import SCHEMA


def result(device: str, inference: float) -> dict[str, object]:
    stages = {"pre": 2.0, "inference": inference, "post": 3.0, "total": 5.0 + inference}
    run = {"engine": "LiteRT 2", "delegate": "cpu", "precision": "int8", "threads": 4, "size": [256, 512]}
    times = {name: dict.fromkeys(("mean", "p50", "p90", "p99"), ms) for name, ms in stages.items()}
    measured = {**run, "warm_up": 3, "rounds": 30, "stages_ms": times, "fps": 1e3 / stages["total"]}
    return {
        "schema": 1,
        "pspm": "0.1.0",
        "app": "android",
        "model": {"name": "mobile", "sha256": "0" * 64},
        "device": {"name": device, "system": "Android 15", "processor": "arm64", "cores": 8},
        "frame": {"width": 1280, "height": 720},
        "runs": [measured, {**run, "delegate": "nnapi", "refused": "no <driver>"}],
    }


@pytest.fixture
def results(tmp_path: Path) -> list[str]:
    paths = []
    for device, inference in (("phone A", 15.0), ("phone B", 45.0)):
        jsonschema.validate(result(device, inference), SCHEMA)
        path = tmp_path / f"{device}.json"
        path.write_text(json.dumps(result(device, inference)))
        paths.append(str(path))
    return paths


def test_table_has_a_line_for_every_run(results: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--compare", *results]) == 0
    _, a, refused, b, _ = capsys.readouterr().out.splitlines()
    assert a.startswith("phone A, mobile int8 512 x 256, LiteRT 2 on cpu, 4 threads")
    assert a.split()[-5:] == ["2.0", "15.0", "3.0", "20.0", "50.0"]
    assert b.split()[-5:] == ["2.0", "45.0", "3.0", "50.0", "20.0"]
    assert refused.endswith("refused: no <driver>")


def test_bars_are_as_long_as_the_stages(results: list[str], tmp_path: Path) -> None:
    plot = tmp_path / "plot.svg"
    assert main(["bench", "--compare", *results, "--plot", str(plot)]) == 0
    svg = ElementTree.parse(plot).getroot()  # noqa: S314 - our own file
    bars = [float(r.get("width", 0)) for r in svg.iter("{http://www.w3.org/2000/svg}rect") if r.get("height") == "20"]
    assert len(bars) == 6
    assert bars[4] == pytest.approx(3 * bars[1], rel=0.01)
    assert sum(bars[3:]) == pytest.approx(2.5 * sum(bars[:3]), rel=0.01)
    assert main(["bench", "--compare", *results, "--plot", str(plot)]) == 1
    assert main(["bench", "--compare", *results, "--plot", str(plot), "--force"]) == 0


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"device": {"name": 1}, "model": {"name": 2}, "runs": [3]}', "\x80"])
def test_a_file_that_is_not_a_result(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, encoding="latin-1")
    assert main(["bench", "--compare", str(path)]) == 1
    assert "is not the JSON of a benchmark" in capsys.readouterr().err


def test_mistakes_in_the_command(results: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for options, sentence in (
        (["--compare", str(tmp_path / "none.json")], "cannot be read"),
        (["--compare", *results, "--plot", str(tmp_path / "plot.png")], "must be an .svg file"),
        (["--plot", str(tmp_path / "plot.svg")], "--compare a.json b.json"),
    ):
        assert main(["bench", *options]) == 1
        assert sentence in capsys.readouterr().err
