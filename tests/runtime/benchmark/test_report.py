import json
import re
from importlib.resources import files

import jsonschema
import pytest
from pspm_runtime import PspmError, load
from pspm_runtime.benchmark import cpu_stages, footprint, frames, report
from pspm_runtime.benchmark.cpu_stages import TOTALS
from pspm_runtime.benchmark.protocol import EFFECTS
from pspm_runtime.bundle import DEFAULT_MODEL
from pspm_runtime.command.cli import main
from pspm_runtime.files.sample import synthetic_jpeg

from tests.runtime.fake_engine import FakeEngine
from tests.runtime.pictures import assert_one_sentence

pytestmark = pytest.mark.slow

SCHEMA = json.loads((files("pspm_runtime") / "bench.schema.json").read_text())

STEPS = [
    "decode the JPEG",
    "resize for the network",
    "network",
    "second look",
    "matte at full size",
    "encode the matte as PNG",
    "foreground and cut-out",
    "encode the cut-out as PNG",
    "JPEG to matte",
    "JPEG to matte, no network",
    "JPEG to cut-out, no network",
]


@pytest.fixture
def quick(fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip the network, the photo of 100 megapixels and most new processes, which take most of the time."""
    monkeypatch.setattr(report, "peak_mb", lambda model, megapixels, quality: 100.0 + megapixels)
    monkeypatch.setattr(footprint, "STARTS", 1)
    monkeypatch.setattr(frames, "PACED_SECONDS", 0.1)
    monkeypatch.setattr(frames, "WARM_UP", 1)


def test_json_states_everything_that_was_measured(quick: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--megapixels", "0.3", "--rounds", "1", "--threads", "2", "--frames", "2", "--json"]) == 0

    result = json.loads(capsys.readouterr().out)
    jsonschema.validate(result, SCHEMA)
    assert result["model"]["name"] == DEFAULT_MODEL
    assert [run["effect"] for run in result["runs"]] == list(EFFECTS)
    for run in result["runs"]:
        assert run["threads"] == 2
        assert run["fps"] == pytest.approx(1e3 / run["stages_ms"]["total"]["mean"])
        assert set(run["stages_ms"]["total"]) == {"mean", "p50", "p90"}
        assert run["paced"]["frames"] + run["paced"]["dropped"] == 3
        assert "sustained" not in run
    photo = result["photo"]
    assert photo["rounds"] == 1
    assert photo["quality"] == "balanced"
    assert photo["megapixels"] == 0.3
    assert list(photo["cpu_ms"]) == STEPS
    for times in photo["cpu_ms"].values():
        assert 0 <= times["median"] <= times["max"]
    assert len(photo["peak_mb"]) == 2
    assert {"python", "numpy", "pillow", "onnxruntime", "isal"} <= set(result["packages"])
    assert all(seconds > 0 for seconds in result["start_s"].values())
    assert result["install_mb"] > 10


def test_totals_are_compared_with_decoding_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = {"decode the JPEG": [10.0, 20.0, 10.0], TOTALS[0]: [20.0, 30.0, 90.0], TOTALS[1]: [50.0, 60.0, 40.0]}
    monkeypatch.setattr(
        cpu_stages, "time_in_turn", lambda calls, n: {name: rounds.get(name, [1.0] * n) for name in calls}
    )

    result = cpu_stages.cpu_stages(load(FakeEngine()), synthetic_jpeg(0.1), 3)

    assert result["times_decoding"] == {TOTALS[0]: 2.0, TOTALS[1]: 4.0}
    assert result["cpu_ms"]["decode the JPEG"] == {"median": 10.0, "max": 20.0}


def test_totals_take_all_of_their_steps(quick: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--megapixels", "0.3", "--rounds", "1", "--frames", "1", "--json"]) == 0

    photo = json.loads(capsys.readouterr().out)["photo"]
    assert list(photo["times_decoding"]) == list(TOTALS)
    for total in TOTALS:
        ratio = photo["cpu_ms"][total]["median"] / photo["cpu_ms"]["decode the JPEG"]["median"]
        assert photo["times_decoding"][total] == pytest.approx(ratio)


def test_table_names_every_step(quick: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--megapixels", "0.3", "--rounds", "1", "--frames", "1"]) == 0

    out = capsys.readouterr().out
    for step in (*STEPS, "pre", "inference", "post", "total"):
        assert f"  {step} " in out
    for total in TOTALS:
        assert re.search(rf"  {total}: \d+\.\d\d x decoding alone", out)
    for effect in EFFECTS:
        assert f"effect {effect}, 1 rounds" in out
    assert "frames per second back to back" in out
    assert "peak memory of a cut-out at 100 MP: 200 MB" in out


@pytest.mark.parametrize(
    ("rounds", "megapixels", "message"),
    [
        (0, 1, "--rounds must be at least 1"),
        (-1, 1, "--rounds must be at least 1"),
        (1, 0, "--megapixels must be above 0"),
        (1, -3, "--megapixels must be above 0"),
    ],
)
def test_nothing_to_measure(rounds: int, megapixels: float, message: str) -> None:
    with pytest.raises(PspmError) as caught:
        report.bench("b5", None, megapixels, rounds, as_json=True)
    assert_one_sentence(caught.value, message)


def test_no_rounds_of_frames() -> None:
    with pytest.raises(PspmError) as caught:
        report.bench("b5", None, 1, 1, frames=0, as_json=True)
    assert_one_sentence(caught.value, "--frames must be at least 1")


def test_a_model_with_a_trimap_is_not_measured() -> None:
    with pytest.raises(PspmError, match="mobile-trimap needs a trimap, and pspm bench has none; choose a model"):
        report.measure("mobile-trimap", 1, 1, 1)
