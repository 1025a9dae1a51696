"""Training, resuming, and experiments that are stopped and continued."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from pspm.operators import OPERATORS
from pspm.tasks.by_name import placed, task_named
from pspm.tasks.checkpoint import WEIGHTS, read_trained
from pspm.tasks.denoising.patches import NoisyPictures, PatchSet
from pspm.tasks.denoising.task import Denoise
from pspm.tasks.depth.pictures import TrainingRooms
from pspm.tasks.depth.task import Depth
from pspm.tasks.detection.pictures import TrainingScenes
from pspm.tasks.encoders.places import encoder_path
from pspm.tasks.pictures.augment import Labelled
from pspm.tasks.pictures.people import read_crowds
from pspm.tasks.recipe import Recipe
from pspm.tasks.runs import run as runs
from pspm.tasks.runs import settle_norms as settling
from pspm.tasks.runs.experiment import RESULTS, Experiment, read_lines
from pspm.tasks.runs.module import Samples
from pspm.tasks.runs.run import Machine, Run, train
from pspm.tasks.task import NONE, Made, Pictures
from pspm.training.callbacks.checkpoint import CHECKPOINT
from tests.pspm.tasks import published

pytestmark = pytest.mark.slow

RECIPE = Recipe("ours", lr=3e-3, batch=4, crop=(16, 16), steps=6)
MADE = Made("dncnn-segnet", "max-unpool", 1, 2)


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    grey = [published.textured(i, (32, 32)) for i in range(3)]
    return Pictures(PatchSet(grey[:2], 16, 25), {"textures": NoisyPictures(grey[2:], 25)}, "textures")


def weights(network: nn.Module) -> Tensor:
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def losses(folder: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (folder / "log.jsonl").read_text().splitlines()]


def run(folder: Path, steps: int, seed: int = 0) -> Run:
    return Run(MADE, "short", steps, seed, folder)


def test_the_loss_falls_and_a_seed_repeats_itself(pictures: Pictures, tmp_path: Path) -> None:
    task, machine = Denoise(), Machine("cpu")
    first = train(task, RECIPE, pictures, run(tmp_path / "a", 40), machine)
    found = losses(tmp_path / "a")
    assert len(found) == 40
    assert sum(found[-5:]) < 0.5 * sum(found[:5])
    assert not first.training
    again = train(task, RECIPE, pictures, run(tmp_path / "b", 40), machine)
    other = train(task, RECIPE, pictures, run(tmp_path / "c", 40, seed=1), machine)
    assert torch.equal(weights(first), weights(again))
    assert not torch.equal(weights(first), weights(other))


def test_a_killed_run_resumes_as_if_it_had_not_been(
    pictures: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, machine = Denoise(), Machine("cpu", save_every=4)
    whole = train(task, RECIPE, pictures, run(tmp_path / "a", 10), machine)
    kept = PatchSet.sample

    def killed(self: PatchSet, index: int, rng: np.random.Generator) -> Any:
        killed.count += 1  # type: ignore[attr-defined]
        if killed.count > 6 * RECIPE.batch:  # type: ignore[attr-defined]
            raise KeyError("killed")
        return kept(self, index, rng)

    killed.count = 0  # type: ignore[attr-defined]
    monkeypatch.setattr(PatchSet, "sample", killed)
    with pytest.raises(KeyError, match="killed"):
        train(task, RECIPE, pictures, run(tmp_path / "b", 10), machine)
    monkeypatch.setattr(PatchSet, "sample", kept)
    assert (tmp_path / "b" / CHECKPOINT).exists()
    resumed = train(task, RECIPE, pictures, run(tmp_path / "b", 10), machine)
    assert torch.equal(weights(whole), weights(resumed))
    assert losses(tmp_path / "a") == losses(tmp_path / "b")
    # The optimizer's state is gone, the weights are kept with what they are of.
    assert not (tmp_path / "b" / CHECKPOINT).exists()
    trained = read_trained(tmp_path / "b" / WEIGHTS)
    assert (trained.task, trained.made, trained.recipe) == ("denoise", MADE, "short")
    assert torch.equal(weights(trained.network(task, tmp_path / "b" / WEIGHTS)), weights(whole))


def test_a_run_killed_before_its_weights_were_written_has_them_in_its_checkpoint(
    pictures: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, machine = Denoise(), Machine("cpu")
    whole = train(task, RECIPE, pictures, run(tmp_path / "a", 3), machine)

    def killed(*arguments: Any) -> None:
        raise KeyError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(runs, "save_weights", killed)
        with pytest.raises(KeyError, match="killed"):
            train(task, RECIPE, pictures, run(tmp_path / "b", 3), machine)
    again = train(task, RECIPE, pictures, run(tmp_path / "b", 3), machine)
    assert torch.equal(weights(whole), weights(again))
    # Batch norms' statistics, too.
    assert all(torch.equal(a, b) for a, b in zip(whole.buffers(), again.buffers(), strict=True))


def test_batch_norms_settle_on_the_samples_behind_the_last_and_the_weights_stay(
    pictures: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "TOGETHER", 4)
    task, machine = Denoise(), Machine("cpu")
    plain = train(task, RECIPE, pictures, run(tmp_path / "a", 3), machine)
    settled = train(task, replace(RECIPE, settled=8), pictures, run(tmp_path / "b", 3), machine)
    assert torch.equal(weights(plain), weights(settled))
    assert pictures.train is not None
    samples, seen = Samples(pictures.train, 0), []
    first = next(m for m in settled.modules() if isinstance(m, nn.BatchNorm2d))
    with first.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0])), torch.no_grad():
        settled(task.collate([samples[number] for number in range(12, 20)]).noisy)
    assert first.running_mean is not None
    assert first.momentum == 0.1
    assert torch.allclose(first.running_mean, seen[0].mean((0, 2, 3)), atol=1e-6)


def test_batch_norms_of_an_encoder_that_keep_their_statistics_do_not_settle(tmp_path: Path) -> None:
    task, recipe = Depth(), Recipe("ours", 1e-3, 1, (64, 64), steps=1, settled=1, frozen_norms="statistics", loss="l1")
    made = Made("fastdepth", "nearest")
    network = train(
        task, recipe, Pictures(TrainingRooms((64, 64)), {}, ""), Run(made, "", 1, 0, tmp_path), Machine("cpu")
    )
    settled = {
        key: int(m.num_batches_tracked or 0) for key, m in network.named_modules() if isinstance(m, nn.BatchNorm2d)
    }
    assert {n for key, n in settled.items() if key.startswith("encoder.")} == {0}
    assert {n for key, n in settled.items() if not key.startswith("encoder.")} == {1}


def experiment(out: Path, operators: list[str], seeds: int = 1, steps: int = 2) -> Experiment:
    return Experiment(
        Denoise(),
        "dncnn-segnet",
        operators,
        "short",
        RECIPE,
        steps,
        seeds,
        2,
        {"pictures": "textures"},
        out,
        Machine("cpu"),
    )


def test_an_experiment_continues_with_what_is_not_done(
    pictures: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = experiment(tmp_path, ["max-unpool", "carafe"], seeds=2).run(pictures)
    assert [(r["operator"], r["seed"]) for r in results] == [
        ("max-unpool", 0), ("max-unpool", 1), ("carafe", 0), ("carafe", 1)
    ]  # fmt: skip
    assert results[2]["parameters"] > results[0]["parameters"] > 0
    assert results[0]["tests"]["textures"]["PSNR"] > 0
    # A killed run left half a line: that result is made again, from the weights that are there.
    path = tmp_path / RESULTS
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n" + lines[-1][:40])
    made = []
    one = Experiment.one
    monkeypatch.setattr(Experiment, "one", lambda *a: made.append(a[2:]) or one(*a))
    again = experiment(tmp_path, ["max-unpool", "carafe"], seeds=2).run(pictures)
    assert made == [("carafe", 1)]
    assert [r["tests"] for r in again] == [r["tests"] for r in results]
    assert len(read_lines(path)) == 4


def test_a_folder_takes_one_budget(pictures: Pictures, tmp_path: Path) -> None:
    experiment(tmp_path, ["nearest"]).run(pictures)
    with pytest.raises(ValueError, match=r"has runs of another budget \(steps\); use its options or another folder"):
        experiment(tmp_path, ["nearest"], steps=3).run(pictures)


def test_pictures_to_test_alone_cannot_be_trained_on(pictures: Pictures, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="has no training pictures"):
        experiment(tmp_path, ["nearest"]).run(replace(pictures, train=None))


@pytest.mark.parametrize("task", ["denoise", "segment"])
def test_tables_name_operators_that_have_a_place(task: str) -> None:
    chosen = task_named(task)
    assert placed(chosen, chosen.networks[0], None, 2, 2) == list(chosen.operators)
    assert set(chosen.operators) <= set(OPERATORS)


def test_operators_without_a_place_are_left_out_of_the_default_alone(capsys: pytest.CaptureFixture[str]) -> None:
    depth, detect = task_named("depth"), task_named("detect")
    assert placed(detect, "faster-rcnn-small", None, 2, None) == list(detect.operators)
    with pytest.raises(ValueError, match="'max-unpool' cannot be placed"):
        placed(detect, "faster-rcnn-small", ["max-unpool"], 2, None)
    assert placed(depth, "fastdepth", None, 1, None) == list(depth.operators)
    capsys.readouterr()
    assert "max-unpool" not in placed(depth, "fastdepth-pruned", None, 1, None)
    assert "left out: fastdepth-pruned does not work with max-unpool" in capsys.readouterr().err
    assert placed(task_named("denoise"), "dncnn", None, 1, None) == [NONE]


def test_depth_learns_on_rooms() -> None:
    """With a network of one convolution, whose loss can only fall by what it learns."""
    task = task_named("depth")
    rooms = TrainingRooms((64, 64))
    batch = task.collate([rooms.sample(0, np.random.default_rng(i)) for i in range(2)])
    torch.manual_seed(0)
    network = nn.Conv2d(3, 1, 1)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.1)
    found = []
    for _ in range(30):
        loss = task.loss(network, batch, task.recipes["short"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        found.append(float(loss.detach()))
    assert found[-1] < 0.7 * found[0]
    measured = task.measure(network, [rooms.sample(0, np.random.default_rng(9))])
    assert list(measured) == [metric.name for metric in task.metrics]


def test_segmentation_learns_on_scenes_and_measures_each_picture_at_its_size(tmp_path: Path) -> None:
    task = task_named("segment")
    crowd, _ = read_crowds(published.write_people(tmp_path))
    scenes = [crowd.scene((32, 32), np.random.default_rng(i), 2, (0.4, 1.2)) for i in range(4)]
    samples = [Labelled(scene.image, (scene.people.sum(0) > 0.5).astype(np.uint8)) for scene in scenes]
    torch.manual_seed(0)
    network = task.build(Made("segnet", "bilinear", 2, 2)).train()
    batch = task.collate(samples)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    found = []
    for _ in range(25):
        loss = task.loss(network, batch, task.recipes["short"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        found.append(float(loss.detach()))
    assert found[-1] < 0.7 * found[0]
    odd = Labelled(samples[0].image[:20, :30], samples[0].label[:20, :30])
    assert 0 <= task.measure(network.eval(), [odd, samples[1]])["mIoU"] <= 100


def test_detection_takes_a_step_and_finds_boxes(tmp_path: Path) -> None:
    task = task_named("detect")
    crowd, _ = read_crowds(published.write_people(tmp_path))
    scenes = TrainingScenes(crowd, (48, 64))
    samples = [scenes.sample(0, np.random.default_rng(i)) for i in range(2)]
    torch.manual_seed(0)
    network = task.build(Made("faster-rcnn-small", "sapa-b", 2)).train()
    loss = task.loss(network, task.collate(samples), task.recipes["short"])
    loss.backward()
    assert float(loss.detach()) > 0
    embed = [p.grad for key, p in network.named_parameters() if "embed" in key]
    assert embed
    assert all(g is not None and g.abs().sum() > 0 for g in embed)
    assert set(task.measure(network.eval(), samples)) <= {metric.name for metric in task.metrics}


def test_schedules_are_the_printed_ones() -> None:
    dncnn = task_named("denoise").recipes["dncnn"]
    steps = dncnn.length(240_000)
    assert steps == 60 * 240_000 // 128
    assert [dncnn.lr_factor(round(epoch * steps / 60), steps) for epoch in (0, 44, 46, 56)] == pytest.approx(
        [1, 1, 0.1, 0.01]
    )
    segformer = task_named("segment").recipes["segformer"]
    assert segformer.lr_factor(0, 160_000) == pytest.approx(0.001)
    assert segformer.lr_factor(80_000, 160_000) == pytest.approx(0.5)
    bts = task_named("depth").recipes["bts"]
    assert bts.lr_factor(1000, 1000) == pytest.approx(0.1)


def test_the_encoder_learns_at_its_own_rate_and_keeps_its_norms() -> None:
    network = task_named("segment").build(Made("segnet", "indexnet-hin", 3, 2))
    recipe = Recipe("", lr=1.0, batch=1, crop=(32, 32), encoder_lr=0.1, optimizer="sgd")
    rest, encoder = recipe.optimizer_of(network, encoder_path("segnet")).param_groups
    assert (rest["lr"], encoder["lr"]) == (1.0, 0.1)
    convolutions = 13
    alike = recipe.from_scratch().optimizer_of(network, encoder_path("segnet")).param_groups
    assert [group["lr"] for group in alike] == [1.0, 1.0]
    # Weight and bias of a convolution and of its batch norm. The operators in between are not part of the encoder.
    assert len(encoder["params"]) == 4 * convolutions


OTHERS = ["upernet-mobilenet", "segformer-b1", "maskformer-swin-b", "mask2former-swin-b", "fpn-resnet18"]


@pytest.mark.parametrize(
    "network", ["unet-resnet18", *(pytest.param(name, marks=pytest.mark.exhaustive) for name in OTHERS)]
)
def test_networks_of_other_libraries_take_a_step(network: str) -> None:
    task = task_named("segment")
    samples = [Labelled(np.dstack([published.textured(i, (64, 64))] * 3), np.eye(64, dtype=np.uint8)) for i in range(2)]
    torch.manual_seed(0)
    built = task.build(Made(network, "sapa-b", 2)).train()
    task.loss(built, task.collate(samples), task.recipes["short"]).backward()
    embed = [p.grad for key, p in built.named_parameters() if "embed_decoder" in key]
    assert embed
    assert all(g is not None and g.abs().sum() > 0 for g in embed)
    assert 0 <= task.measure(built.eval(), samples[:1])["mIoU"] <= 100
