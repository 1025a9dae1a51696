"""`pspm bench --video`, with tiny frames and a network that sees green."""

import json

import pytest
from pspm_runtime import model as model_module
from pspm_runtime.benchmark import video as video_module
from pspm_runtime.command.cli import main

from tests.runtime.video.clips import GreenEngine

STAGES = ["decode", "matte", "filter", "refine", "foreground", "composite", "encode"]


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_module, "open_engine", lambda *_: GreenEngine())
    monkeypatch.setattr(video_module.measure_video, "__defaults__", (((96, 64), (128, 96)), "auto"))
    monkeypatch.setattr(video_module, "FRAMES", 3)


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--video", "--rounds", "1", "--threads", "1", "--json"]) == 0

    result = json.loads(capsys.readouterr().out)
    assert (result["quality"], result["rounds"], result["threads"]) == ("fast", 1, 1)
    assert result["packages"]["av"]
    assert [(size["width"], size["height"]) for size in result["video"]] == [(96, 64), (128, 96)]
    for size in result["video"]:
        assert list(size["stages"]) == STAGES
        assert all(stage["cpu_ms"] > 0 and stage["fps"] == 1e3 / stage["cpu_ms"] for stage in size["stages"].values())
        assert size["all_stages"]["cpu_ms"] == pytest.approx(sum(stage["cpu_ms"] for stage in size["stages"].values()))
        assert size["together"]["fps"] > 0


def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--video", "--rounds", "1", "--quality", "best"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("model mobile, quality best")
    for stage in [*STAGES, "all stages"]:
        assert sum(line.strip().startswith(stage) for line in lines) == 2
    assert sum("all at once" in line for line in lines) == 2


def test_rounds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--video", "--rounds", "0"]) == 1
    assert "--rounds must be at least 1" in capsys.readouterr().err
