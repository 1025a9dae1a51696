"""`pspm evaluate` on generated pictures: bright discs with soft edges, and a network that finds bright pixels."""

import hashlib
import json
import re
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from pspm_runtime import Model
from pspm_runtime.bundle import MANIFEST
from pspm_runtime.command.cli import main
from pspm_runtime.errors import ModelError
from torch import Tensor

from pspm.evaluation import metrics
from pspm.evaluation import run as evaluation
from pspm.evaluation.candidate import (
    Candidate,
    Estimate,
    bundle_candidate,
    closed_form_candidate,
    closed_form_without_trimap_candidate,
    predict_alpha,
)
from pspm.evaluation.datasets import find_cases
from pspm.evaluation.flicker import flicker
from pspm.evaluation.scores import COLUMNS, mean_scores, score
from pspm.evaluation.torch_engine import TorchEngine
from pspm.evaluation.worst import NUMBER, Worst, difference
from pspm.networks import Matte, MattingNetwork, build

pytestmark = pytest.mark.slow

GAIN = 4.0


def disc(radius: float, height: int = 72, width: int = 96) -> np.ndarray:
    """The alpha of a disc with an edge six pixels wide, in 8 bits."""
    y, x = np.mgrid[:height, :width]
    alpha = np.clip((radius - np.hypot(y - height / 2, x - width / 2)) / 6 + 0.5, 0, 1)
    return np.round(alpha * 255).astype(np.uint8)


def photo(alpha: np.ndarray) -> np.ndarray:
    """Draw a photo that is bright where alpha is 1 and dark where it is 0."""
    return np.repeat((20 + alpha[..., None] * (220 / 255)).astype(np.uint8), 3, 2)


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    folder = tmp_path / "discs"
    for part in ("image", "alpha"):
        (folder / part).mkdir(parents=True)
    for radius in (16, 20, 24):
        alpha = disc(radius)
        cv2.imwrite(str(folder / f"image/disc{radius}.png"), photo(alpha))
        cv2.imwrite(str(folder / f"alpha/disc{radius}.png"), alpha)
    return folder


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle whose network computes sigmoid(GAIN * sum of the channels) on a view of about 64 x 64 pixels."""
    folder = tmp_path / "bright"
    folder.mkdir()
    shapes = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, c, "h", "w"]) for n, c in (("x", 3), ("y", 1))]
    weight = numpy_helper.from_array(np.full((1, 3, 1, 1), GAIN, np.float32), "weight")
    nodes = [helper.make_node("Conv", ["x", "weight"], ["sum"]), helper.make_node("Sigmoid", ["sum"], ["y"])]
    graph = helper.make_graph(nodes, "bright", shapes[:1], shapes[1:], [weight])
    model = folder / "model.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), model)
    manifest = {
        "name": "bright",
        "network": "bright",
        "file": model.name,
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "parameters": 3,
        "macs_at_224": 3 * 224 * 224,
        "input": {"mean": [0.5] * 3, "std": [0.5] * 3, "size": {"side": 64, "multiple": 16, "longest": 128}},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest))
    return folder


class Bright(MattingNetwork):
    """The bundle's network in torch; its trimap is unknown everywhere."""

    VIEW_SIDE, MULTIPLE = 64, 16

    def forward(self, image: Tensor) -> Matte:
        alpha = (GAIN * image.sum(1, keepdim=True)).sigmoid()
        return Matte(alpha, image.new_tensor([0.0, 1, 0])[None, :, None, None].expand(1, 3, *image.shape[2:]))


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert main(["evaluate", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_the_json_holds_every_picture_and_their_means(
    pairs: Path, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = json.loads(run(capsys, "--model", bundle, "--data", pairs, "--threads", "1", "--flicker", "--json"))
    assert result["schema"] == 1
    (subject,) = result["subjects"]
    assert (subject["subject"], subject["kind"], subject["parameters"]) == (str(bundle), "onnx", 3)
    assert subject["gflops_at_224"] == pytest.approx(3 * 224 * 224 / 2**30)
    assert subject["cpu_ms_at_512"] > 0
    assert [picture["picture"] for picture in result["pictures"]] == ["disc16", "disc20", "disc24"]
    (mean,) = result["means"]
    assert (mean["set"], mean["subject"], mean["pictures"]) == ("discs", str(bundle), 3)
    assert mean["mIoU"] is None
    for column in set(COLUMNS) - {"mIoU", "false_alarm"}:
        assert mean[column] == pytest.approx(np.mean([picture[column] for picture in result["pictures"]]))
    assert mean["IoU"] > 0.9
    assert mean["IoU_min"] == min(picture["IoU"] for picture in result["pictures"])
    assert (mean["missed"], mean["false_alarm"]) == (0, None)
    assert 0 < mean["flicker"] < 0.02


def test_the_table_and_the_limit(pairs: Path, bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    onnx_file = bundle / "model.onnx"
    out = run(capsys, "--model", bundle, "--model", onnx_file, "--data", pairs, "--threads", "1", "--limit", "2")
    title, head, *rows = out.splitlines()
    assert title == "discs, 2 pictures, quality fast"
    assert head.split()[-3:] == ["IoU", "IoU_min", "missed"]
    assert [row.split()[0] for row in rows] == [str(bundle), str(onnx_file)]
    # The same network twice: everything except the latency agrees.
    assert rows[0].split()[5:] == rows[1].split()[5:]
    chosen = run(capsys, "--model", bundle, "--data", pairs, "--threads", "1", "--limit", "2", "--set", "discs")
    assert chosen.splitlines()[0] == title


def test_groups_are_in_all_reports(
    pairs: Path, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--model", bundle, "--data", pairs, "--threads", "1", "--groups"]
    page = tmp_path / "page.html"
    result = json.loads(run(capsys, *arguments, "--json", "--html", page))
    groups = {(entry["grouping"], entry["group"]): entry for entry in result["groups"]}
    assert groups["size", "large"]["pictures"] == ["disc24"]
    assert groups["size", "large"]["SAD"] == result["pictures"][2]["SAD"]
    assert groups["size", "large"]["SAD_se"] is None
    assert "size: large" in page.read_text()
    assert "size: large" in run(capsys, *arguments)


def test_a_picture_that_cannot_be_matted_is_named(pairs: Path) -> None:
    def fail(image: np.ndarray, trimap: np.ndarray) -> Estimate:
        raise ValueError("no solution")

    with pytest.raises(ValueError, match="disc16 of discs: no solution"):
        evaluation.evaluate([Candidate("s", "closed-form", None, None, fail, None)], find_cases(pairs))


def test_a_checkpoint_also_has_a_trimap(pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network, checkpoint = build("mobile"), tmp_path / "run.ckpt"
    state = {f"network.{key}": value for key, value in network.state_dict().items()}
    torch.save({"hyper_parameters": {"network": "mobile"}, "state_dict": state}, checkpoint)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation, "latencies", lambda engines: dict.fromkeys(engines, 1.0))
        result = json.loads(
            run(capsys, "--checkpoint", checkpoint, "--data", pairs, "--threads", "1", "--limit", "1", "--json")
        )
    assert result["subjects"][0]["kind"] == "torch"
    assert result["subjects"][0]["parameters"] == sum(p.numel() for p in network.parameters())
    assert 0 <= result["means"][0]["mIoU"] <= 1


def test_torch_and_onnx_see_and_refine_alike(bundle: Path) -> None:
    image = photo(disc(20, 130, 190))
    engine = TorchEngine(Bright(), 1)
    model = Model(engine, quality="fast")
    expected = (
        bundle_candidate(str(bundle), 1).estimate(image, metrics.evaluation_trimap(disc(20, 130, 190) / 255)).alpha
    )
    assert np.abs(model.predict_alpha(image) - expected).max() <= 1 / 255 + 1e-6
    assert engine.predicted_trimap is not None
    assert engine.predicted_trimap.shape == model.network_view(model.open(image)).size[::-1]
    assert (engine.predicted_trimap == 1).all()


def test_a_torch_engine_refuses_sizes_that_the_network_does_not_take() -> None:
    with pytest.raises(ModelError, match="multiples of 16, not 60x48"):
        TorchEngine(Bright(), 1).alpha(np.zeros((48, 60, 3), np.uint8))


class TrimapNetwork(MattingNetwork):
    """Returns its trimap as the alpha."""

    takes_trimap, VIEW_SIDE, MULTIPLE = True, 64, 16

    def forward(self, x: Tensor) -> Matte:
        return Matte(x[:, 3:] / 2 + 0.5, x[:, 1:])


def test_a_trimap_based_network_gets_the_true_trimap() -> None:
    engine, truth = TorchEngine(TrimapNetwork(), 1), disc(20, 64, 64).astype(np.float32) / 255
    trimap = metrics.evaluation_trimap(truth)
    alpha = predict_alpha(Model(engine), photo(disc(20, 64, 64)), trimap)
    assert np.abs(alpha - trimap / 2).max() < 0.01
    assert engine.predicted_trimap is None


def test_closed_form_matting_finds_a_disc() -> None:
    truth = disc(30).astype(np.float32) / 255
    alpha = closed_form_candidate().estimate(photo(disc(30)), metrics.evaluation_trimap(truth)).alpha
    assert alpha.dtype == np.float32
    assert metrics.mad(alpha, truth) < 0.01


def test_closed_form_matting_without_a_person_is_the_trimap() -> None:
    empty = np.zeros((20, 30), np.uint8)
    assert closed_form_candidate().estimate(photo(disc(5, 20, 30)), empty).alpha.max() == 0


def test_a_broken_matte_is_named_before_the_work(pairs: Path) -> None:
    cv2.imwrite(str(pairs / "alpha/disc24.png"), disc(24, 50, 50))
    with pytest.raises(ValueError, match=r"disc24\.png is 50 x 50"):
        find_cases(pairs)
    assert len(find_cases(pairs, limit=2)["discs"]) == 2


def constant(alpha: float, calls: list[np.ndarray] | None = None) -> Candidate:
    def estimate(image: np.ndarray, trimap: np.ndarray) -> Estimate:
        if calls is not None:
            calls.append(image)
        return Estimate(np.full(trimap.shape, alpha, np.float32))

    return Candidate("constant", "closed-form", None, None, estimate, None)


def test_a_matte_that_follows_every_change_does_not_flicker() -> None:
    truth = disc(20).astype(np.float32) / 255
    calls: list[np.ndarray] = []
    trimap = metrics.evaluation_trimap(truth)
    assert flicker(constant(0.25, calls), photo(disc(20)), trimap, np.full(truth.shape, 0.25, np.float32)) == 0
    assert [image.shape for image in calls] == [(72, 96, 3), (70, 93, 3), (72, 96, 3)]
    given = Candidate(
        "given", "closed-form", None, None, lambda image, trimap: Estimate(trimap.astype(np.float32)), None
    )
    flat = np.full(truth.shape, 2, np.uint8)
    assert flicker(given, photo(disc(20)), flat, flat.astype(np.float32)) == 0


def test_a_matte_that_does_not_follow_flickers() -> None:
    truth = disc(20).astype(np.float32) / 255
    trimap = metrics.evaluation_trimap(truth)
    change = flicker(constant(0.5), photo(disc(20)), trimap, np.full(truth.shape, 0.25, np.float32))
    assert change == pytest.approx(0.25)


def test_the_page_is_complete_and_self_contained(
    pairs: Path, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "report.html"
    run(capsys, "--model", bundle, "--data", pairs, "--threads", "1", "--html", out)
    page = out.read_text()
    assert "http" not in page
    assert [path.name for path in out.parent.iterdir()] == ["report.html"]
    assert page.count("<svg") == page.count("</svg>") == 3
    assert page.count("<img") == 3 * 4
    assert sorted(re.findall(r"<h4>(\w+), MAD", page)) == ["disc16", "disc20", "disc24"]


def test_the_worst_are_kept_in_order() -> None:
    worst, truth = Worst(), np.zeros((20, 30), np.float32)
    for i in range(NUMBER + 5):
        worst.offer(str(i), np.zeros((20, 30, 3), np.uint8), truth, {"a": truth + i / 20, "b": truth})
    assert [failure.picture for failure in worst.failures] == [str(i) for i in range(NUMBER + 4, 4, -1)]
    assert list(worst.failures[0].views) == ["photo", "truth", "alpha, a", "difference, a", "alpha, b", "difference, b"]


def test_the_difference_is_red_where_alpha_is_too_high() -> None:
    alpha, truth = np.array([[1, 0, 0.5]], np.float32), np.array([[0, 1, 0.5]], np.float32)
    assert difference(alpha, truth).tolist() == [[[255, 0, 0], [0, 0, 255], [255, 255, 255]]]


def test_scores_have_every_column_and_means_keep_gaps() -> None:
    truth = disc(20).astype(np.float32) / 255
    trimap = metrics.evaluation_trimap(truth)
    scores = score(Estimate(truth, trimap), truth, trimap)
    assert set(scores) == set(COLUMNS) - {"flicker"}
    assert scores.pop("false_alarm") is None
    assert all(value == (1 if "IoU" in column else 0) for column, value in scores.items())
    scores["false_alarm"] = None
    means = mean_scores([{**scores, "flicker": None}, {**scores, "flicker": None, "SAD": 2.0}])
    assert (means["SAD"], means["flicker"]) == (1, None)


def test_sums_over_the_picture_are_also_given_per_pixel() -> None:
    truth = disc(20).astype(np.float32) / 255
    wrong = np.clip(truth + np.random.default_rng(0).uniform(-0.4, 0.4, truth.shape), 0, 1).astype(np.float32)
    scores = score(Estimate(wrong), truth, metrics.evaluation_trimap(truth))
    assert scores["SAD_f"] == pytest.approx(scores["MAD"] * truth.size / 1000)
    for error in ("Grad", "Conn"):
        assert scores[f"{error}_px"] > 0
        assert scores[f"{error}_f"] == pytest.approx(scores[f"{error}_px"] * truth.size / 1000)


def test_errors_are_of_the_trimaps_unknown_region() -> None:
    truth, alpha = np.zeros((60, 60), np.float32), np.zeros((60, 60), np.float32)
    truth[30, 30], alpha[30, 10] = 0.5, 1
    narrow, wide = (score(Estimate(alpha), truth, metrics.evaluation_trimap(truth, radius)) for radius in (10, 20))
    assert narrow["SAD"] == pytest.approx(0.5 / 1000)
    assert wide["SAD"] == pytest.approx(1.5 / 1000)


def test_every_picture_has_a_dilation_of_its_own_and_the_same_in_every_evaluation() -> None:
    radii = [metrics.dilation_radius(str(i), (11, 20)) for i in range(300)]
    assert set(radii) == set(range(11, 21))
    assert radii == [metrics.dilation_radius(str(i), (11, 20)) for i in range(300)]
    assert metrics.dilation_radius("any", (7, 7)) == 7


def test_trimaps_of_four_widths_in_one_run(
    pairs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "measure_latencies", lambda candidates: {})
    out = run(capsys, "--data", pairs, "--trimaps", "--limit", "1", "--threads", "1", "--json")
    found = json.loads(out)
    assert [one["dilation"] for one in found] == [[5, 5], [10, 10], [20, 20], [40, 40]]
    assert all([s["subject"] for s in one["subjects"]] == ["mobile-trimap", "mobile"] for one in found)
    for option in (("--dilation", "3"), ("--html", "page.html")):
        assert main(["evaluate", "--data", str(pairs), "--trimaps", *option]) == 1
        assert f"leave out {option[0]}" in capsys.readouterr().err


def test_the_dilation_decides_the_trimap_of_every_candidate(pairs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[int] = []

    def estimate(image: np.ndarray, trimap: np.ndarray) -> Estimate:
        seen.append(int((trimap == metrics.UNKNOWN).sum()))
        return Estimate(np.zeros(trimap.shape, np.float32))

    candidates = [Candidate(name, "closed-form", None, None, estimate, None) for name in "ab"]
    cases = find_cases(pairs)
    evaluation.evaluate(candidates, cases, dilation=(2, 9))
    radii = [metrics.dilation_radius(case.name, (2, 9)) for case in cases["discs"]]
    truths = [case.read()[1] for case in cases["discs"]]
    expected = [int(metrics.evaluation_unknown_region(t, r).sum()) for t, r in zip(truths, radii, strict=True)]
    assert seen == [area for area in expected for _ in candidates]

    out = run(capsys, "--data", pairs, "--closed-form-without-trimap", "--dilation", "11-20", "--limit", "1", "--json")
    assert json.loads(out)["dilation"] == [11, 20]
    out = run(capsys, "--data", pairs, "--closed-form-without-trimap", "--dilation", "3", "--limit", "1")
    assert out.splitlines()[0] == "discs, 1 picture, quality fast, unknown region dilated by 3 pixels"
    for wrong in ("wide", "20-11", "-3", "5-"):
        with pytest.raises(SystemExit):
            main(["evaluate", "--data", str(pairs), f"--dilation={wrong}"])
        assert "is not a radius; write one in pixels" in capsys.readouterr().err


def test_closed_form_matting_without_a_trimap_is_black() -> None:
    estimate = closed_form_without_trimap_candidate().estimate(photo(disc(20)), np.ones((72, 96), np.uint8))
    assert estimate.alpha.shape == (72, 96)
    assert estimate.alpha.max() == 0


def test_cut_outs_are_composited_over_grey_and_masks_are_refused(tmp_path: Path) -> None:
    alpha = disc(20)
    cutouts, masks = tmp_path / "cutouts", tmp_path / "masks"
    for folder in (cutouts, masks / "image", masks / "mask"):
        folder.mkdir(parents=True)
    cv2.imwrite(str(cutouts / "disc.png"), np.dstack([photo(alpha), alpha]))
    ((case,),) = find_cases(cutouts).values()
    image, truth = case.read()
    assert image[0, 0].tolist() == [128, 128, 128]
    assert truth.max() == 1
    cv2.imwrite(str(masks / "image/disc.png"), photo(alpha))
    cv2.imwrite(str(masks / "mask/disc.png"), alpha)
    with pytest.raises(ValueError, match="pspm prepare"):
        find_cases(masks)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "nowhere"], "nowhere is not a folder; give a folder with image/ and alpha/"),
        (["--data", "{pairs}", "--model", "none"], "there is no model 'none'"),
        (["--data", "{pairs}", "--model", "{pairs}/m.onnx"], "has no manifest.json beside it"),
        (["--data", "{pairs}", "--model", "{bundle}/other.onnx"], "describes model.onnx; export the model again"),
        (["--data", "{pairs}", "--checkpoint", "{pairs}/image/disc16.png"], "is not a checkpoint"),
        (["--data", "{pairs}", "--checkpoint", "c", "--network", "b5", "--network", "b5"], "one network for each"),
        (["--data", "{pairs}", "--limit", "0"], "--limit must be at least 1"),
        (["--data", "{pairs}", "--set", "hearts"], "--set hearts: the data folder has no such set; choose from discs"),
        (["--data", "{pairs}", "--html", "{pairs}/image/disc16.png"], "must be an .html file"),
    ],
)
def test_mistakes_get_a_short_error_message(
    arguments: list[str], message: str, pairs: Path, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *(argument.format(pairs=pairs, bundle=bundle) for argument in arguments)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
