"""Training runs on generated images: every recipe, a killed run, two processes, and mistakes."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from pspm_export.plan.source_network import find_trained
from pspm_export.verification.sample_inputs import sample_image
from pspm_runtime.bundle import DEFAULT_MODEL, open_bundle
from pspm_runtime.command.cli import main
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn

from pspm.bn_folding import is_unfolded
from pspm.checkpoint import load_network, read_weights
from pspm.data.folders.sources import Sources
from pspm.data.samples.augment import Picture
from pspm.data.samples.batch import Batch, collate
from pspm.data.samples.dataset import TrainingDataset
from pspm.data.samples.strong_augment import StrongPicture
from pspm.networks import Matte, build
from pspm.networks.input_range import from_unit
from pspm.reproduce.rows import imagenet_for
from pspm.training.freeze_norms import freeze_norms, frozen_norms
from pspm.training.module import MattingModule
from pspm.training.recipes import RECIPES, Phase, Recipe, shortened, with_batch, without_pretrained_backbone
from pspm.training.run import train
from pspm.training.run_record import complete_recipe
from pspm.training.settings import Settings
from pspm.training.weights.bn_calibration import calibrate
from pspm.training.weights.moving_average import moving_average
from pspm.training.weights.start import start_from
from tests.conftest import WEIGHTS

pytestmark = pytest.mark.slow

SCRIPT = """
import sys
from dataclasses import replace
from pathlib import Path
from pspm.training.module import MattingModule
from pspm.training.recipes import RECIPES, Phase
from pspm.training.run import train
from pspm.training.settings import Settings

data, out, steps, devices, freeze = Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:])
phases = (Phase(0.5, 64, 4, bool(freeze)), Phase(0.5, 96, 2, True))
recipe = replace(RECIPES["own"], phases=phases, warmup=2)
# Python 3.11 can hang in a fork while another thread starts, as those of two devices do.
workers = int(devices == 1)
train("mobile", recipe, Settings(data, out, steps, devices=devices, accelerator="cpu", workers=workers, save_every=3,
                                 validate_every=steps))
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("script") / "run.py"
    path.write_text(SCRIPT)
    return path


def run(script: Path, data: Path, out: Path, *, steps: int, devices: int = 1, freeze: bool = False) -> list[str]:
    return [sys.executable, str(script), str(data), str(out), str(steps), str(devices), str(int(freeze))]


def losses(out: Path) -> dict[int, float]:
    lines = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    return {line["step"]: line["loss"] for line in lines if "loss" in line}


def test_a_stopped_run_resumes_on_the_same_curve(script: Path, data: Path, tmp_path: Path) -> None:
    """SIGKILL loses the steps since the checkpoint of step 3, SIGTERM none."""
    command = run(script, data, tmp_path / "whole", steps=10)
    subprocess.run(command, check=True, capture_output=True)
    for number in (signal.SIGKILL, signal.SIGTERM):
        stopped = tmp_path / number.name
        command = run(script, data, stopped, steps=10)
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline and process.poll() is None:
            if (stopped / "checkpoint.ckpt").exists() and len((stopped / "log.jsonl").read_text().splitlines()) >= 4:
                break
            time.sleep(0.005)
        (os.killpg if number == signal.SIGKILL else os.kill)(process.pid, number)
        process.wait()
        saved = torch.load(stopped / "checkpoint.ckpt", weights_only=True)["global_step"]
        assert saved >= (3 if number == signal.SIGKILL else 4)
        subprocess.run(command, check=True, capture_output=True)
        whole, resumed = losses(tmp_path / "whole"), losses(stopped)
        assert list(resumed) == list(whole) == list(range(1, 11))
        assert resumed == pytest.approx(whole, rel=1e-4)
        weights, again = read_weights(tmp_path / "whole/checkpoint.ckpt"), read_weights(stopped / "checkpoint.ckpt")
        assert all(torch.allclose(weights[key], again[key], atol=1e-5) for key in weights)


def test_two_processes_train_the_network_that_one_does(script: Path, data: Path, tmp_path: Path) -> None:
    """With frozen batch norms: on a CPU each process would have its own statistics."""
    for name, devices in (("one", 1), ("two", 2)):
        command = run(script, data, tmp_path / name, steps=4, devices=devices, freeze=True)
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        subprocess.run(command, check=True, capture_output=True, env=environment, timeout=900)
    one, two = (read_weights(tmp_path / name / "checkpoint.ckpt") for name in ("one", "two"))
    start = read_weights_of_a_fresh_run(data, tmp_path / "start")
    moved = max((one[key] - start[key]).abs().max().item() for key in one)
    apart = max((one[key] - two[key]).abs().max().item() for key in one if one[key].is_floating_point())
    assert moved > 1e-3
    assert apart < 0.02 * moved


def read_weights_of_a_fresh_run(data: Path, out: Path) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return build("mobile").state_dict()


RUNS = [
    *(("mobile", recipe) for recipe in ("own", "own-640", "own-things", "own-strong", "finetune", "finetune-640")),
    ("mobile", "finetune-no-faults"),
    ("deeplab", "deeplab"),
    *(("b5", recipe) for recipe in ("deeplab", "phase1", "phase2", "own-strong", "operators")),
    ("b3", "phase2"),
    ("b4", "phase2-no-affinity"),
    ("psp-b5", "phase2-no-gradient"),
    *(("b5-fm", recipe) for recipe in ("own", "finetune-384")),
    *((network, "cascade") for network in ("b1", "b2", "psp-b1")),
    *((network, "trimap") for network in ("indexnet", "b11", "a2+", "rmat-b5")),
    ("a2u", "a2u"),
    ("a2u-d", "a2u"),
    ("a2u", "a2u-strong"),
    ("rmat-m3", "rmat"),
    *(("b11", recipe) for recipe in ("l1", "l1-blur-jpeg", "l1-blur-jpeg-alpha")),
    *(("rmat-b1", f"rmat-{row}") for row in ("base", "lap", "g", "gp", "lap-gp", "af", "afb", "af-afb")),
    *(("mobile", recipe) for recipe in ("own-scenes", "finetune-scenes", "finetune-portraits")),
    ("mobile-trimap", "own-trimap"),
    ("mobile-trimap", "finetune-trimap"),
    ("mobile-video", "own-clips"),
    ("mobile", "finetune-clips"),
    ("mobile-steady", "steady-clips"),
]


def test_every_recipe_is_run() -> None:
    assert {recipe for _, recipe in RUNS} == set(RECIPES)


def test_help_names_every_recipe(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "500")
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    words = re.findall(r"[\w-]+", capsys.readouterr().out)
    assert set(RECIPES) <= set(words)


@pytest.mark.parametrize(("network", "recipe"), RUNS)
def test_every_recipe_runs(network: str, recipe: str, data: Path, tmp_path: Path) -> None:
    options = ["--imagenet", str(data / WEIGHTS), "--in-memory"] if recipe == "own" else []
    command = ["train", network, "--data", str(data), "-o", str(tmp_path), "--recipe", recipe, "--fast-dev-run"]
    assert main([*command, "--accelerator", "cpu", "--workers", "0", *options]) == 0
    assert list(losses(tmp_path)) == [1, 2, 3, 4]
    trained = load_network(None, tmp_path / "checkpoint.ckpt").state_dict()
    assert all(value.isfinite().all() for value in trained.values() if value.is_floating_point())
    assert not list(tmp_path.glob(".pspm-*"))


@pytest.mark.parametrize("network", ["matting-b2", pytest.param("matting-b8", marks=pytest.mark.exhaustive)])
def test_a_baseline_of_table_3_3_starts_from_imagenet(network: str, data: Path, tmp_path: Path) -> None:
    command = ["train", network, "--data", str(data), "-o", str(tmp_path), "--recipe", "trimap", "--fast-dev-run"]
    options = ["--accelerator", "cpu", "--workers", "0", "--imagenet", str(data / WEIGHTS)]
    assert main([*command, *options]) == 0
    assert list(losses(tmp_path)) == [1, 2, 3, 4]
    assert load_network(None, tmp_path / "checkpoint.ckpt").takes_trimap


def test_imagenet_weights_do_not_fit_a_wider_encoder(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", "b11-1.4", "--data", str(data), "-o", str(tmp_path / "run"), "--recipe", "trimap"]
    assert main([*command, "--workers", "0", "--imagenet", str(data / WEIGHTS)]) == 1
    assert "is for MobileNetV2, which b11-1.4 does not have; leave out --imagenet" in capsys.readouterr().err
    assert imagenet_for("b11-1.4", [data / WEIGHTS]) is None
    assert imagenet_for("matting-b5", [data / WEIGHTS]) == data / WEIGHTS


def test_the_moving_average_forgets_its_start_and_copies_counts() -> None:
    average = moving_average(0.9)
    mean, count = torch.zeros(3), torch.tensor(0)
    for n in range(1, 100):
        average([mean], [torch.ones(3)], torch.tensor(n))
        average([count], [torch.tensor(n)], torch.tensor(n))
    assert count == 99
    assert mean.allclose(torch.ones(3), atol=1e-3)
    average([mean], [torch.zeros(3)], torch.tensor(1000))
    assert mean.allclose(torch.full((3,), 0.9), atol=1e-3)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_a_step_whose_gradient_is_not_finite_is_skipped_and_counted(wrong: float) -> None:
    module = MattingModule("mobile", RECIPES["finetune"], steps=10, seed=0)
    parameters = [p for p in module.network.parameters() if p.requires_grad]
    for parameter in parameters:
        parameter.grad = torch.zeros_like(parameter)
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    module.on_before_optimizer_step(optimizer)
    assert module.skipped == 0
    assert all(parameter.grad is not None for parameter in parameters)
    parameters[-1].grad.view(-1)[0] = wrong  # type: ignore[union-attr]
    module.on_before_optimizer_step(optimizer)
    assert module.skipped == 1
    assert all(parameter.grad is None for parameter in parameters)


def test_the_memory_layout_does_not_change_the_training(data: Path, tmp_path: Path) -> None:
    command = ["train", "mobile", "--data", str(data), "--fast-dev-run", "--accelerator", "cpu", "--workers", "0"]
    assert main([*command, "-o", str(tmp_path / "first")]) == 0
    assert main([*command, "-o", str(tmp_path / "last"), "--channels-last"]) == 0
    first, last = losses(tmp_path / "first"), losses(tmp_path / "last")
    assert last[1] == pytest.approx(first[1], rel=1e-4)
    # AdamW turns rounding errors into full steps where the gradient is almost 0.
    assert last == pytest.approx(first, rel=0.02)


def test_clips_train_no_network_with_a_trimap(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [
        "train",
        "--data",
        str(data),
        "-o",
        str(tmp_path / "out"),
        "--recipe",
        "own-clips",
        "--accelerator",
        "cpu",
    ]
    assert main([*command, "mobile-trimap"]) != 0
    assert "mobile-trimap takes a trimap; train mobile or mobile-video" in capsys.readouterr().err
    assert main([*command, "mobile-video", "--devices", "2"]) != 0
    assert "does not hold whole clips of 3 frames; change --batch" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_batch_of_clips_holds_whole_clips() -> None:
    for batch in (1, 3, 7, 16):
        assert all(phase.batch % 3 == 0 < phase.batch for phase in with_batch(RECIPES["own-clips"], batch).phases)


def test_frozen_parts_stay_as_they_were_and_others_move(data: Path, tmp_path: Path) -> None:
    recipe = shortened(RECIPES["phase1"])
    torch.manual_seed(3)
    module = train("b5", recipe, Settings(data, tmp_path, 4, seed=3, accelerator="cpu", workers=0, validate_every=4))
    torch.manual_seed(3)
    start, trained = build("b5").state_dict(), module.network.state_dict()
    moved = {key for key in start if not torch.equal(start[key], trained[key])}
    assert {key.split(".")[0] for key in moved} == {"mat_decoder"}
    # The new MatDecoder's batch norms learn.
    assert {key for key in moved if key.endswith("running_mean")} == {
        key for key in start if key.startswith("mat_decoder") and key.endswith("running_mean")
    }


def test_a_cascade_starts_from_its_two_networks(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    common = ["--data", str(data), "--fast-dev-run", "--workers", "0", "--accelerator", "cpu"]
    assert main(["train", "deeplab", "--recipe", "deeplab", "-o", str(tmp_path / "seg"), *common]) == 0
    assert main(["train", "indexnet", "--recipe", "trimap", "-o", str(tmp_path / "mat"), *common]) == 0
    trained = [tmp_path / "seg/checkpoint.ckpt", tmp_path / "mat/checkpoint.ckpt"]
    network = build("b1")
    for checkpoint in trained:
        start_from(network, checkpoint)
    state, (seg, mat) = network.state_dict(), map(read_weights, trained)
    assert all(torch.equal(state[f"segmentation.{key}"], value) for key, value in seg.items())
    assert all(torch.equal(state[key], value) for key, value in mat.items())
    assert len(seg) + len(mat) == len(state)
    options = ["--start-from", str(trained[0]), "-o", str(tmp_path / "wrong")]
    assert main(["train", "mobile", *common, *options]) != 0
    assert "the weights of another network, deeplab, that shares no part" in capsys.readouterr().err
    options = [option for checkpoint in trained for option in ("--start-from", str(checkpoint))]
    assert main(["train", "b1", "--recipe", "cascade", "-o", str(tmp_path / "b1"), *common, *options]) == 0
    assert f"{trained[0]} (deeplab): took segmentation; left as it was: matting" in capsys.readouterr().err
    record = json.loads((tmp_path / "b1/run.json").read_text())
    assert [taken["taken"] for taken in record["started_from"]] == [["segmentation"], ["matting"]]


def test_training_starts_from_a_shipped_network(data: Path, tmp_path: Path) -> None:
    recipe = replace(shortened(RECIPES["finetune"]), lr=0, encoder_lr=0)
    settings = Settings(data, tmp_path, 4, accelerator="cpu", workers=0, validate_every=4, start_from=(DEFAULT_MODEL,))
    trained = train(open_bundle(DEFAULT_MODEL).network, recipe, settings).network.eval()
    shipped, _ = find_trained(None, DEFAULT_MODEL)
    photo = sample_image(128, 160)
    with torch.no_grad():
        torch.testing.assert_close(trained(photo).alpha, shipped(photo).alpha, rtol=0, atol=1e-3)


def test_a_shipped_network_stays_as_good_when_its_batch_norms_learn() -> None:
    photo = sample_image(256, 256)
    pictures = torch.cat([photo, photo.flip(3), photo.flip(2), -photo])
    network = build("b5")
    start_from(network, "b5")
    for layer in network.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = 0
    norms = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm2d)]
    with torch.no_grad():
        shipped, lost = network.eval()(pictures).alpha, network.train()(pictures).alpha.clamp(0, 1)
        start_from(network, "b5")
        assert all(map(is_unfolded, norms))
        calibrate(network, norms, pictures)
        assert not any(map(is_unfolded, norms))
        frozen, learning = network.eval()(pictures).alpha, network.train()(pictures).alpha.clamp(0, 1)
    # Max pooling may break ties differently, so single pixels differ.
    assert (frozen - shipped).abs().mean() < 1e-5
    assert (learning - shipped).abs().mean() < 1e-3 < 0.1 < (lost - shipped).abs().mean()


def test_only_unfolded_batch_norms_that_learn_are_calibrated(data: Path, tmp_path: Path) -> None:
    for recipe, learns in (("own", {"encoder", "seg_decoder", "mat_decoder"}), ("operators", {"mat_decoder"})):
        still = replace(shortened(RECIPES[recipe]), lr=0, encoder_lr=0, norm_momentum=0, average=0)
        settings = Settings(data, tmp_path / recipe, 4, accelerator="cpu", workers=0, start_from=("b5",))
        before, after = build("b5+indexnet-hin"), train("b5+indexnet-hin", still, settings).network.state_dict()
        start_from(before, "b5")
        moved = {key for key, value in before.state_dict().items() if not torch.equal(value, after[key])}
        norms = {key for key in moved if ".running_" in key}
        assert {key.split(".")[0] for key in norms} == learns
        assert not any("operator" in key for key in norms)


def test_feature_modulation_starts_close_to_the_network_without_it() -> None:
    plain, modulated = build("b5"), build("b5-fm")
    for network in (plain, modulated):
        start_from(network.eval(), "b5")
    photo = sample_image(256, 256)
    with torch.no_grad():
        assert (plain(photo).alpha - modulated(photo).alpha).abs().mean() < 0.02


def test_only_the_matdecoder_learns_when_comparing_operators(data: Path, tmp_path: Path) -> None:
    command = ["train", "b5", "--operator", "a2u-dynamic-cs", "--recipe", "operators", "--start-from", "b5"]
    assert main([*command, "--data", str(data), "-o", str(tmp_path), "--fast-dev-run", "--workers", "0"]) == 0
    trained = load_network("b5+a2u-dynamic-cs", tmp_path / "checkpoint.ckpt").state_dict()
    before = build("b5")
    start_from(before, "b5")
    changed = {key for key, value in before.state_dict().items() if not torch.equal(value, trained[key])}
    assert {key.split(".")[0] for key in changed} == {"mat_decoder"}


def test_a_run_stopped_by_its_time_budget_can_be_resumed(data: Path, tmp_path: Path) -> None:
    recipe = shortened(RECIPES["own"])
    settings = Settings(data, tmp_path, 4, accelerator="cpu", workers=0, validate_every=4, budget=1e-3)
    train("mobile", recipe, settings)
    assert list(losses(tmp_path)) == [1]
    train("mobile", recipe, replace(settings, budget=None))
    assert list(losses(tmp_path)) == [1, 2, 3, 4]


def test_curves_and_previews_are_logged_to_tensorboard(data: Path, tmp_path: Path) -> None:
    recipe = shortened(RECIPES["own"])
    train("mobile", recipe, Settings(data, tmp_path, 4, accelerator="cpu", workers=0, validate_every=2))
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert {"loss", "l_aU", "pictures_per_s", "waiting"} <= set(events.Tags()["scalars"])
    assert [event.step for event in events.Images("image, truth, alpha")] == [2, 4]


def test_learning_rates_warm_up_and_decay() -> None:
    recipe = Recipe(100, (Phase(1, 64, 2),), RECIPES["own"].weights, "adamw", 1, 1, 0, warmup=10)
    factors = [recipe.lr_factor(step, 100) for step in range(100)]
    assert factors[0] == pytest.approx(0.1)
    assert max(factors) == factors[9]
    assert factors[50] == pytest.approx(0.5**0.9)
    assert factors[99] < 0.02


@pytest.mark.parametrize(
    ("name", "step", "left"),
    [
        *(("trimap", *point) for point in ((0, 1), (59_999, 1), (60_001, 0.1), (77_999, 0.1), (78_001, 0.01))),
        *(("rmat", *point) for point in ((45_000, 0.5), (89_999, 0))),
    ],
)
def test_learning_rates_of_the_earlier_chapters(name: str, step: int, left: float) -> None:
    assert RECIPES[name].lr_factor(step, 90_000) == pytest.approx(left, abs=1e-6)


def test_chapter_6_decays_every_20_epochs() -> None:
    recipe = RECIPES["phase2"]
    assert [recipe.lr_factor(step, 100_000) for step in (0, 2124)] == [1, 1]
    assert recipe.lr_factor(2125, 100_000) == pytest.approx((1 - 0.02125) ** 0.9)
    assert recipe.lr_factor(4249, 100_000) == recipe.lr_factor(2125, 100_000)
    # A shorter run has as many changes.
    assert recipe.lr_factor(24, 1000) == recipe.lr_factor(21, 1000) == pytest.approx((1 - 0.021) ** 0.9)


def test_the_recipes_of_the_tables_differ_in_what_the_tables_say() -> None:
    base = dict(RECIPES["rmat-base"].weights._asdict())
    assert {term: weight for term, weight in base.items() if weight} == {"unknown": 0.5, "composition": 0.5}
    added = {
        "rmat-lap": {"laplacian"},
        "rmat-g": {"plain_gradient"},
        "rmat-gp": {"penalised_gradient"},
        "rmat-lap-gp": {"laplacian", "penalised_gradient"},
        "rmat": {"laplacian", "penalised_gradient"},
    }
    for name, terms in added.items():
        assert RECIPES[name].weights._asdict() == base | dict.fromkeys(terms, 1)
    shares = {name: RECIPES[f"rmat-{name}"].strong_shares for name in ("af", "afb", "af-afb")}
    assert shares == {"af": (0.5, 0, 0), "afb": (0, 0.5, 0), "af-afb": (0.25, 0.25, 0)}
    assert RECIPES["rmat"].strong_shares == RECIPES["a2u-strong"].strong_shares == (0.25, 0.25, 0.1)
    assert {name for name, recipe in RECIPES.items() if recipe.strong} == {
        *("rmat", "rmat-af", "rmat-afb", "rmat-af-afb", "a2u-strong", "own-strong")
    }
    for name, terms in (("phase2-no-affinity", {"affinity"}), ("phase2-no-gradient", {"affinity", "region_gradient"})):
        assert RECIPES[name].weights == RECIPES["phase2"].weights._replace(**dict.fromkeys(terms, 0))


def test_the_recipes_of_the_thesis_keep_the_matting_equation() -> None:
    ours = {name for name in RECIPES if name.startswith(("own", "finetune", "operators", "steady"))}
    for name, recipe in RECIPES.items():
        if name in ours:
            effects = "hard" if name.endswith(("-scenes", "-portraits")) else "camera"
            if name in ("steady-clips", "finetune-clips"):
                effects = "video"
            if name == "finetune-no-faults":
                effects = "none"
            assert (recipe.effects, recipe.colours, recipe.tolerance) == (effects, "all", 0.02)
        elif not name.startswith("l1-"):
            assert recipe.effects == "none"
            assert recipe.tolerance == 0


RECORDS = Path(__file__).parents[3] / "docs/lab/runs"


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ("b5-2", "finetune-384"),
        ("b5-fm", "finetune-384"),
        ("mobile-5", "own"),
        ("mobile-6", "finetune"),
        ("mobile-8", "finetune-640"),
        ("mobile-9", "own-640"),
        ("mobile-10", "own-things"),
        ("mobile-trimap", "own-trimap"),
        ("mobile-trimap-2", "finetune-trimap"),
    ],
)
def test_our_recipes_are_those_of_the_shipped_networks(record: str, name: str) -> None:
    """run.json of the runs, some of which lack fields that came later."""
    earlier = json.loads((RECORDS / f"{record}.json").read_text())["recipe"]
    now = with_batch(RECIPES[name], max(phase["batch"] for phase in earlier["phases"]))
    assert complete_recipe(earlier) == json.loads(json.dumps(asdict(now)))
    assert complete_recipe(json.loads(json.dumps(asdict(now)))) == complete_recipe(earlier)


def test_the_recipe_of_an_earlier_version_is_another_one_if_its_meaning_changed() -> None:
    record = json.loads(json.dumps(asdict(RECIPES["phase2"])))
    earlier = {key: value for key, value in record.items() if key not in ("region", "tolerance", "effects", "colours")}
    assert complete_recipe(earlier) != record


@pytest.mark.parametrize(
    ("network", "parts"),
    [
        ("b5-fm", {"encoder.stages"}),
        ("b1", {"segmentation.encoder", "matting.encoder"}),
        ("indexnet", {"matting.encoder"}),
        ("a2u", {"matting.encoder"}),
        ("matting-b1", {"matting.encoder"}),
        ("matting-b4", {"matting.encoder"}),
        ("b5+indexnet-hin", {"encoder.stages"}),
    ],
)
def test_the_batch_norms_of_the_backbone_are_those_that_imagenet_trained(network: str, parts: set[str]) -> None:
    module = MattingModule(network, RECIPES["phase2"], 4, 0)
    frozen = set(frozen_norms(module.network, "backbone"))
    names = {name for name, layer in module.network.named_modules() if layer in frozen}
    assert {".".join(name.split(".")[:2]) for name in names} == parts
    assert not any("operators" in name or "modulations" in name for name in names)
    assert set(module.learning_norms()) == set(frozen_norms(module.network)) - frozen
    module.network.train()
    freeze_norms(module.network, "backbone")
    assert {layer for layer in frozen_norms(module.network) if not layer.training} == frozen


def test_a_backbone_with_random_weights_has_learning_batch_norms() -> None:
    recipe = without_pretrained_backbone(RECIPES["trimap"])
    assert [phase.freeze_norms for phase in RECIPES["trimap"].phases] == ["backbone"]
    assert [phase.freeze_norms for phase in recipe.phases] == [False]
    assert without_pretrained_backbone(RECIPES["finetune"]) == RECIPES["finetune"]


def test_zero_steps_save_the_weights_that_the_network_starts_from(data: Path, tmp_path: Path) -> None:
    common = ["--data", str(data), "--workers", "0", "--accelerator", "cpu"]
    for network, recipe in (("deeplab", "deeplab"), ("indexnet", "trimap")):
        command = ["train", network, "--recipe", recipe, "-o", str(tmp_path / network), "--steps", "0"]
        assert main([*command, *common, "--seed", "7"]) == 0
    torch.manual_seed(7)
    fresh, saved = build("deeplab").state_dict(), read_weights(tmp_path / "deeplab/checkpoint.ckpt")
    assert all(torch.equal(saved[key], value) for key, value in fresh.items())
    starts = [f"--start-from={tmp_path / network}/checkpoint.ckpt" for network in ("deeplab", "indexnet")]
    command = ["train", "b", "--recipe", "cascade", "-o", str(tmp_path / "b"), "--steps", "0", *common, *starts]
    # The second time it is the same run, which is complete.
    assert main(command) == main(command) == 0
    joined = load_network(None, tmp_path / "b/checkpoint.ckpt").state_dict()
    assert all(torch.equal(joined[f"segmentation.{key}"], value) for key, value in fresh.items())
    assert json.loads((tmp_path / "b/run.json").read_text())["steps"] == 0


@pytest.mark.parametrize(
    "option", ["--steps=-1", "--steps=1.5", "--batch=0", "--devices=0", "--save-every=0", "--validate-every=0"]
)
def test_numbers_that_make_no_sense_are_refused(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["train", "mobile", "--data", str(tmp_path), "-o", str(tmp_path / "out"), option])
    assert "is not a whole number of at least" in capsys.readouterr().err


def test_recipes_need_no_torch() -> None:
    code = "import sys, pspm.training.cli; sys.exit(bool({'torch', 'cv2', 'kornia'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_only_a_recipe_with_a_composition_loss_keeps_the_layers(data: Path) -> None:
    samples = TrainingDataset(Sources.find(data), RECIPES["trimap"].mixture, 0, around_unknown=True)
    drawn = collate([samples[64, i] for i in range(4)])
    for name, keeps in (("trimap", True), ("rmat", True), ("l1", False), ("own", False)):
        picture = MattingModule("a1", RECIPES[name], 4, 0).picture(drawn, 3)
        assert (picture.foreground is not None) == (picture.background is not None) == keeps


def test_pseudo_labels_come_from_the_picture_turned_or_with_shuffled_channels() -> None:
    module = MattingModule("mobile", RECIPES["own-strong"], 4, 0)
    seen = []
    module.network.forward = lambda x: seen.append(x) or Matte(x[:, :1], x)  # type: ignore[assignment, func-returns-value]
    image, alpha = torch.rand(2, 3, 32, 32), torch.full((2, 1, 32, 32), 0.5)
    shuffle = torch.tensor([True, False])
    labels = module.pseudo_labels(StrongPicture(Picture(image, alpha, alpha), shuffle, shuffle), 3)
    assert torch.equal(seen[0][0], from_unit(image[0].roll(1, 0)))
    assert torch.equal(seen[0][1], from_unit(image[1].rot90(2, (1, 2))))
    # The network answers with the first channel, which belongs where the picture has it.
    assert torch.allclose(labels[0, 0], from_unit(image[0, 2]).clamp(0, 1))
    assert torch.allclose(labels[1, 0], from_unit(image[1, 0]).clamp(0, 1))


def test_each_image_has_its_own_trimap_width() -> None:
    module = MattingModule("a1", RECIPES["trimap"], 4, 0)
    seeds, numbers = torch.arange(1000), torch.zeros(1000, 1)
    blank = torch.zeros(1000, 1, 1, 1, dtype=torch.uint8)
    radius = module.radius(Batch(blank, blank, blank, blank, blank.flatten(), numbers, seeds))
    assert isinstance(radius, torch.Tensor)
    assert set(radius.tolist()) == set(range(1, 20))


def test_phases_divide_a_run_by_their_shares() -> None:
    recipe = RECIPES["own"]
    crops = [recipe.phase(step, 100).crop for step in range(100)]
    assert crops == [384] * 75 + [512] * 25


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        (["b9"], "there is no network named 'b9'; the networks are mobile"),
        (["mobile", "--operator", "sapa-b"], "mobile takes no operator; those that do are b3"),
        (["b5", "--operator", "fold"], "there is no operator named 'fold'; the operators are max-unpool"),
        (["mobile", "--recipe", "magic"], "there is no recipe named 'magic'; choose one of deeplab"),
        (["mobile", "--devices", "2", "--batch", "3"], "a batch of 3 does not divide among 2 devices"),
        (["mobile", "--accelerator", "cpu", "--precision", "bf16-mixed"], "train in 32-true"),
        (["mobile", "--precision", "3"], "there is no precision '3'; choose one of 32-true, bf16-mixed, 16-mixed"),
        (["mobile", "--accelerator", "abacus"], "there is no accelerator 'abacus' here; choose auto, cpu"),
        (["a2u", "--imagenet", "weights.npz"], "weights.npz does not exist; name a file of ImageNet weights"),
        (["b5", "--start-from", "none.ckpt"], "none.ckpt does not exist; name the checkpoint.ckpt of a `pspm train`"),
    ],
)
def test_mistakes_get_a_short_error_message(
    options: list[str], answer: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", *options, "--data", str(data), "-o", str(tmp_path / "out")]) != 0
    message = capsys.readouterr().err
    assert answer in message
    assert "Traceback" not in message
    assert not (tmp_path / "out").exists()


def test_broken_images_are_named_before_training_starts(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    for part in ("image", "alpha"):
        (folder / "portraits" / part).mkdir(parents=True)
    source = data / "portraits/train"
    for i in range(2):
        (folder / f"portraits/image/{i}.jpg").write_bytes((source / f"image/{i}.jpg").read_bytes())
        (folder / f"portraits/alpha/{i}.png").write_bytes((source / f"alpha/{i}.png").read_bytes())
    (folder / "portraits/image/1.jpg").write_bytes(b"no picture")
    assert main(["train", "mobile", "--data", str(folder), "-o", str(tmp_path / "out"), "--fast-dev-run"]) != 0
    assert "portraits/image/1.jpg" in capsys.readouterr().err
    assert main(["train", "mobile", "--data", str(tmp_path / "none"), "-o", str(tmp_path / "out")]) != 0
    assert "has nothing to train on" in capsys.readouterr().err


def test_a_folder_of_another_run_is_not_resumed(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["train", "mobile", "--data", str(data), "-o", str(tmp_path), "--fast-dev-run", "--workers", "0"]
    assert main(command) == 0
    before = (tmp_path / "checkpoint.ckpt").read_bytes()
    assert main([*command, "--seed", "1"]) != 0
    assert "has a run with another seed" in capsys.readouterr().err
    assert (tmp_path / "checkpoint.ckpt").read_bytes() == before


def test_a_network_for_video_is_not_exported_yet(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", "mobile-video", "--data", str(data), "-o", str(tmp_path / "run"), "--recipe", "own-clips"]
    assert main([*command, "--steps", "0", "--start-from", "mobile"]) == 0
    assert main(["export", str(tmp_path / "run/checkpoint.ckpt"), "-o", str(tmp_path / "bundle")]) != 0
    assert "cannot be written yet; export mobile instead" in capsys.readouterr().err
    assert not (tmp_path / "bundle").exists()
