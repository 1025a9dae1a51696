"""Every format and precision: the saved file compared with torch, its manifest, and the mistakes that are refused."""

import errno
import json
import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from pspm_export.bundle import write_bundle
from pspm_export.manifest import size_of
from pspm_export.plan.calibration import calibrate_on
from pspm_export.plan.export_spec import ExportSpec, spec_for, spec_of_bundle
from pspm_export.plan.formats import FORMATS, PRECISIONS
from pspm_export.reports.format_table import write_table
from pspm_export.verification.parity import BOUNDS, Bound, Parity, compare
from pspm_export.verification.proof import Proof, prove
from pspm_export.verification.sad_regression import SadRegression
from pspm_export.verification.sample_inputs import sample_image, sample_view
from pspm_export.verification.stored_weights import ROUNDING, match_weights
from pspm_export.writers.find_writer import find_writer
from pspm_export.writers.onnx.writer import OnnxWriter
from pspm_export.writers.writer import Writer
from pspm_runtime import ModelError, load
from pspm_runtime.bundle import DEFAULT_MODEL, digest, open_bundle, shipped
from pspm_runtime.command.cli import main
from pspm_runtime.engines.engine import Engine
from pspm_runtime.files.sample import sample_photo
from torch import Tensor, nn

from pspm.networks import Matte, MattingNetwork
from pspm.operators import MaxPool

pytestmark = pytest.mark.slow

SIDE = 128
CASES = [(row.name, precision) for row in FORMATS.values() for precision in row.precisions]


class Small(MattingNetwork):
    """A small network with the layers of ours: convolutions, ReLU6, max pooling and unpooling, a pixel shuffle."""

    MULTIPLE = 32

    def __init__(self) -> None:
        super().__init__()
        self.before, self.within = (
            nn.Sequential(nn.Conv2d(i, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU6()) for i in (3, 16)
        )
        self.operator = MaxPool()
        self.prediction = nn.Conv2d(16, 4, 4, stride=2, padding=1)

    def forward(self, image: Tensor) -> Matte:
        pooled = self.operator.pool(self.before(image))
        x = self.operator.upsample(self.within(pooled.x), pooled.guidance)
        alpha = F.pixel_shuffle(self.prediction(x), 2)
        return Matte(alpha if self.training else alpha.clamp(0, 1), image)


@pytest.fixture(scope="module")
def network() -> Any:
    """Train for a second to separate light from dark, because rounding changes random weights far too much."""
    torch.manual_seed(0)
    small, image = Small().train(), sample_image(SIDE, SIDE)
    light = (image.mean(1, keepdim=True) > 0).float()
    optimizer = torch.optim.Adam(small.parameters(), 1e-2)
    for _ in range(100):
        loss = (small(image).alpha - light).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return small.eval()


class Case(NamedTuple):
    folder: Path
    spec: ExportSpec

    @property
    def model(self) -> Path:
        return self.folder / self.spec.format.file

    @property
    def writer(self) -> Writer:
        return find_writer(self.spec.format)

    @property
    def engine(self) -> Engine:
        return self.writer.open_engine(self.model, self.spec)

    @property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text())
        return facts


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def case(request: pytest.FixtureRequest, network: Any, tmp_path_factory: pytest.TempPathFactory) -> Case:
    name, precision = request.param
    spec = spec_for(network, FORMATS[name], precision, (SIDE, SIDE))
    folder = tmp_path_factory.mktemp("formats") / f"{name}-{precision}"
    write_bundle(network, "mobile", folder, spec)
    return Case(folder, spec)


class TestEveryFormat:
    def test_a_bundle_holds_the_model_and_its_manifest(self, case: Case, network: Any) -> None:
        bundle = open_bundle(case.folder)
        assert sorted(path.name for path in case.folder.iterdir()) == ["manifest.json", case.spec.format.file]
        assert list(case.folder.parent.iterdir()) == [case.folder]
        assert (bundle.model, bundle.format) == (case.model, case.spec.format.name)
        assert bundle.size.fit(3000, 3100) == (SIDE, SIDE)
        assert spec_of_bundle(bundle, network) == case.spec

    def test_the_manifest_obeys_the_schema_and_leaves_nothing_out(self, case: Case) -> None:
        jsonschema.validate(case.facts, SCHEMA)
        assert set(case.facts) == set(SCHEMA["properties"]) - {"trimap"}

    def test_the_manifest_tells_the_truth(self, case: Case, network: Any) -> None:
        assert case.facts["sha256"] == digest(case.model)
        assert case.facts["bytes"] == size_of(case.model)
        assert case.facts["operators"] == case.writer.operator_counts(case.model)
        (found,) = compare(network, case.engine, [sample_view(SIDE, SIDE)])
        assert found.mean_error == pytest.approx(case.facts["parity"][0]["mean_error"], rel=0.1, abs=1e-7)

    def test_it_computes_the_same_matte_again_on_another_picture(self, case: Case, network: Any) -> None:
        (found,) = compare(network, case.engine, [sample_view(SIDE, SIDE)[:, ::-1]])
        assert found.holds(case.spec.precision), found

    def test_a_flipped_weight_is_noticed(self, case: Case, network: Any) -> None:
        """Flip it in torch, because a changed file could also be refused as damaged."""
        with torch.no_grad():
            network.prediction.weight.neg_()
        try:
            with pytest.raises(ModelError, match=f"{case.spec.format.file} is refused"):
                prove(network, case.model, case.spec, None)
        finally:
            with torch.no_grad():
                network.prediction.weight.neg_()

    def test_one_flipped_weight_is_noticed(self, case: Case, network: Any) -> None:
        """The smallest weight whose sign 8 bits can show; it hardly changes the matte."""
        weight = network.within[0].weight
        channel = weight[3].detach().abs().flatten()
        at = int((channel - channel.max() / 50).abs().argmin())
        with torch.no_grad():
            weight[3].view(-1)[at].neg_()
        try:
            with pytest.raises(ModelError, match=r"is refused: 1 of the 2304 weights of its within\.0 differ"):
                prove(network, case.model, case.spec, None)
        finally:
            with torch.no_grad():
                weight[3].view(-1)[at].neg_()

    def test_all_convolutions_are_recognised(self, case: Case, network: Any) -> None:
        stored = case.writer.convolution_weights(case.model)
        assert match_weights(network, stored, case.spec.precision) == (3, 3, None)

    def test_no_operator_is_foreign(self, case: Case) -> None:
        kinds = set(case.facts["operators"])
        assert not [kind for kind in kinds if kind.startswith("Flex") or "scatter" in kind.lower()]
        assert not kinds & {"CUSTOM", "MaxUnpool", "GatherND", "BatchNormalization", "batch_norm"}

    def test_a_matte_is_within_its_range(self, case: Case) -> None:
        alpha = case.engine.alpha(sample_view(SIDE, SIDE))
        assert alpha.shape == (SIDE, SIDE)
        assert alpha.dtype == np.float32
        assert 0 <= alpha.min() < alpha.max() <= 1


def test_the_default_network_is_exported_and_verified_in_every_format(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["export", "--model", DEFAULT_MODEL, "--format", "all", "--size", "128", "-o", str(out)]) == 0
    assert {open_bundle(folder).format for folder in out.iterdir()} == set(FORMATS)


SCHEMA = json.loads((files("pspm_runtime") / "manifest.schema.json").read_text())


@pytest.mark.parametrize("name", FORMATS)
def test_a_size_that_is_not_square_is_in_the_manifest_and_runs(name: str, network: Any, tmp_path: Path) -> None:
    """128 wide and 96 high; Core ML's file also takes the square and the upright picture."""
    row = FORMATS[name]
    spec = spec_for(network, row, "fp32", (96, 128))
    write_bundle(network, "mobile", tmp_path / "out", spec)
    bundle = open_bundle(tmp_path / "out")
    jsonschema.validate(bundle.facts, SCHEMA)
    assert spec_of_bundle(bundle, network) == spec
    sizes = [(128, 96), (128, 128), (96, 128)] if row.lists_sizes else [(128, 96)]
    assert list(bundle.size.sizes) == sizes
    assert [(p["width"], p["height"]) for p in bundle.facts["parity"]] == sizes
    assert bundle.size.fit(640, 480) == (128, 96)
    if row.native:
        assert load(tmp_path / "out").predict_alpha(sample_photo()).shape == sample_shape()


def sample_shape() -> tuple[int, int]:
    with Image.open(sample_photo()) as photo:
        return photo.height, photo.width


@pytest.mark.parametrize("text", ["x", "512x", "x512", "1x2x3", "-512", "5.5", "big"])
def test_a_size_that_is_none_is_refused(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["export", "--model", DEFAULT_MODEL, f"--size={text}", "-o", str(tmp_path / "out")])
    assert stop.value.code
    assert f"{text!r} is not a size; give 512 for a square" in capsys.readouterr().err


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_manifest_obeys_the_schema(name: str) -> None:
    jsonschema.validate(open_bundle(name).facts, SCHEMA)


def test_the_schema_notices_what_is_wrong() -> None:
    facts = open_bundle(shipped()[0]).facts
    facts = {**facts, "sha256": "x", "bytes": 0, "input": {**facts["input"], "layout": "HWC"}}
    del facts["licence"]
    assert len(list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(facts))) == 4


def test_every_precision_has_a_bound_and_a_place_in_the_schema() -> None:
    assert set(BOUNDS) == set(ROUNDING) == set(PRECISIONS) == set(SCHEMA["properties"]["precision"]["enum"])
    assert set(FORMATS) == set(SCHEMA["properties"]["format"]["enum"])


def test_quantised_files_are_bounded_in_sad() -> None:
    near, far = SadRegression(10, 2.0, 2.05), SadRegression(10, 2.0, 2.07)
    assert Proof({}, {"portraits": near}).failure("int8") is None
    assert "SAD on cutouts is 3.5% larger" in str(Proof({}, {"portraits": near, "cutouts": far}).failure("int8"))


def test_a_precision_is_bounded_by_its_own_rounding() -> None:
    rounding = Parity(5e-4, 0.0, 1.0)
    assert rounding.holds("fp16")
    assert not rounding.holds("fp32")
    assert not Parity(0.0, 0.0, 0.9).holds("int8")


def test_calibration_without_data_says_that_it_knows_one_portrait() -> None:
    pictures, source = calibrate_on(None, (64, 96))
    assert all(picture.shape == (1, 3, 64, 96) and picture.abs().max() <= 1 for picture in pictures)
    assert "sample portrait" in source


def test_calibration_without_portraits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="has no portraits to calibrate on"):
        calibrate_on(tmp_path, (64, 64))


def test_a_full_disk_leaves_nothing_behind(network: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(self: OnnxWriter, network: MattingNetwork, path: Path, *_: Any) -> None:
        path.write_bytes(b"half a model")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(OnnxWriter, "write", write)
    with pytest.raises(Exception, match=r"the disk of .*/out is full, so nothing was written"):
        write_bundle(network, "mobile", tmp_path / "out", spec_for(network, FORMATS["onnx"], "fp32"))
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_that_is_there_survives_a_failed_export(
    network: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "model.onnx").write_bytes(b"good")
    monkeypatch.setattr(OnnxWriter, "write", lambda self, network, path, *_: path.write_bytes(b"bad"))
    with pytest.raises(ModelError, match="is not a model that ONNX Runtime can run"):
        write_bundle(network, "mobile", tmp_path / "out", spec_for(network, FORMATS["onnx"], "fp32"))
    assert [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] == [b"good"]


def test_a_bundle_whose_new_manifest_was_not_written_is_refused(
    network: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bundle(network, "mobile", tmp_path / "out", spec_for(network, FORMATS["onnx"], "fp32", (SIDE, SIDE)))

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(OSError, match="Input/output error"):
        write_bundle(network, "mobile", tmp_path / "out", spec_for(network, FORMATS["onnx"], "fp16", (SIDE, SIDE)))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["manifest.json", "model.onnx"]
    with pytest.raises(ModelError, match="is damaged or not the model its manifest names"):
        open_bundle(tmp_path / "out")


def test_the_table_has_a_row_for_each_file_and_a_reason_for_each_that_was_refused(
    network: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    onnx = replace(FORMATS["onnx"], precisions=("fp32", "fp16-weights", "fp16"))
    monkeypatch.setitem(BOUNDS, "fp16", Bound(0, 0, 1))
    write_table([(network, "mobile")], [onnx], None, None, tmp_path / "table.md")
    table = (tmp_path / "table.md").read_text()
    heads, _, *rows = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line[:1] == "|"
    ]
    assert [row[0] for row in rows] == ["mobile, onnx, fp32", "mobile, onnx, fp16-weights"]
    assert {len(row) for row in rows} == {len(heads)}
    assert rows[0][heads.index("latency")] == "1.00"
    assert "Not written: mobile, onnx, fp16: model.onnx is refused: at 512x512 its matte differs" in table


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ["--model", "b9"],
            "there is no network named 'b9'; the networks are mobile, mobile-trimap, mobile-video, mobile-steady, b3",
        ),
        (["--model", "b3"], "b3 ships without weights; name the checkpoint"),
        ([], "with --model one of mobile"),
        (["--model", "mobile", "--size", "500"], "the nearest are 480 and 512"),
        (["--model", "mobile", "--size", "9999"], "the nearest are 992 and 1024"),
        (["--model", "mobile", "--format", "tflite", "--dynamic"], "has one size; leave out --dynamic"),
        (["--model", "mobile", "--format", "onnx", "--precision", "palette6"], "it has fp32, fp16-weights, fp16, int8"),
    ],
)
def test_a_mistake_is_answered_in_one_sentence(
    options: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", *options, "-o", str(tmp_path / "out")]) == 1
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_missing_converter_names_the_extra(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pspm_export.writers.onnx.writer", None)
    assert main(["export", "--model", "mobile", "-o", str(tmp_path / "out")]) == 1
    assert "pip install '.[export]'" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nothing.onnx", "model.pb"])
def test_a_file_that_cannot_be_verified_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", name]) == 1
    assert name in capsys.readouterr().err


def test_the_digest_of_a_folder_is_that_of_what_sha256sum_lists(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c").write_bytes(b"1")
    (tmp_path / "a").write_bytes(b"2")
    lines = "".join(f"{digest(tmp_path / name)}  {name}\n" for name in ("a", "b/c"))
    listed = tmp_path.with_suffix(".txt")
    listed.write_text(lines)
    assert digest(tmp_path) == digest(listed)
