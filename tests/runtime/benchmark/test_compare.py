"""Compare the results of several machines."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from pspm_runtime.command.cli import main

from tests.runtime.benchmark.test_report import SCHEMA

MODEL = {"name": "mobile", "sha256": "0" * 64}
RUN = {"engine": "LiteRT 2", "delegate": "cpu", "precision": "int8", "threads": 4, "size": [256, 512]}


def measured(inference: float) -> dict[str, Any]:
    stages = {"pre": 2.0, "inference": inference, "post": 3.0, "total": 5.0 + inference}
    times = {name: dict.fromkeys(("mean", "p50", "p90", "p99"), ms) for name, ms in stages.items()}
    return {**RUN, "warm_up": 3, "rounds": 30, "stages_ms": times, "fps": 1e3 / stages["total"]}


def result(device: str, inference: float) -> dict[str, Any]:
    """A result of version 1, as the apps wrote them before there were effects."""
    return {
        "schema": 1,
        "pspm": "0.1.0",
        "app": "android",
        "model": MODEL,
        "device": {"name": device, "system": "Android 15", "processor": "arm64", "cores": 8},
        "frame": {"width": 1280, "height": 720},
        "runs": [measured(inference), {**RUN, "delegate": "nnapi", "refused": "no <driver>"}],
    }


def newer(device: str, **effects: float) -> dict[str, Any]:
    """A result of version 2 with a run for each effect."""
    facts = {"model": MODEL, "load_ms": 80.0, "first_frame_ms": 60.0, "thermal": {"before": "none", "after": "light"}}
    paced = {"fps": 30, "seconds": 5, "frames": 120, "dropped": 30}
    runs = [measured(ms) | facts | {"effect": effect, "paced": paced} for effect, ms in effects.items()]
    return result(device, 1) | {
        "schema": 2,
        "build": "release",
        "measured": "2026-01-01T00:00:00Z",
        "frame": {"width": 1280, "height": 720, "content": "sample"},
        "runs": [*runs, {**RUN, "model": MODEL, "effect": "none", "delegate": "gpu", "refused": "no driver"}],
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
    like, _, a, refused, b, _ = capsys.readouterr().out.splitlines()
    assert like == "frames of 1280 x 720, unknown content; effect unknown; view 512 x 256"
    assert a.startswith("phone A, mobile int8, LiteRT 2 on cpu, 4 threads")
    assert a.split()[-5:] == ["2.0", "15.0", "3.0", "20.0", "50.0"]
    assert b.split()[-5:] == ["2.0", "45.0", "3.0", "50.0", "20.0"]
    assert refused.endswith("refused: no <driver>")


def test_only_like_stands_beside_like(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = []
    for device, effects in (("A", {"none": 10.0, "blur": 20.0}), ("B", {"blur": 40.0, "none": 15.0})):
        made = newer(device, **effects)
        jsonschema.validate(made, SCHEMA)
        (tmp_path / device).write_text(json.dumps(made))
        paths.append(str(tmp_path / device))
    assert main(["bench", "--compare", *paths]) == 0
    none, blur = capsys.readouterr().out.split("\n\n")
    assert none.splitlines()[0] == "frames of 1280 x 720, sample; effect none; view 512 x 256"
    assert blur.splitlines()[0] == "frames of 1280 x 720, sample; effect blur; view 512 x 256"
    assert [line[0] for line in none.splitlines()[2:]] == ["A", "A", "B", "B"]
    assert [line[0] for line in blur.splitlines()[2:]] == ["A", "B"]
    assert "20 %" in blur
    assert "none to light" in blur
    assert "last tenth" not in blur


@pytest.mark.parametrize("missing", ["effect", "model", "load_ms", "first_frame_ms", "thermal"])
def test_version_2_states_the_protocol(missing: str) -> None:
    made = newer("A", none=10.0)
    del made["runs"][0][missing]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(made, SCHEMA)


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
