"""Networks that take a trimap, from training to matte: in every format, and through the command line."""

import json
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import torch
from PIL import Image
from pspm_export.bundle import write_bundle
from pspm_export.plan.export_spec import ExportSpec, spec_for
from pspm_export.plan.formats import FORMATS
from pspm_export.verification.parity import parity, torch_alpha
from pspm_export.verification.sample_inputs import ring_trimap, sample_image, sample_view
from pspm_export.writers.lowering import lower
from pspm_runtime import ModelError, load
from pspm_runtime.command.cli import main
from pspm_runtime.files.sample import sample_photo

from pspm.evaluation.candidate import bundle_candidate
from pspm.evaluation.metrics import evaluation_trimap
from pspm.networks import MattingNetwork, build
from pspm.networks.trimap_based.mobile_trimap import MobileTrimap
from tests.networks import settle_within_the_clamp

pytestmark = pytest.mark.slow

SIDE = 64
# One of each family: indices, affinity with paired downsampling, attention with LFA, and the colour cues of tiles.
FAMILIES = ("indexnet", "a2u-d", "rmat-m3", "mobile-trimap")
# These take longest. Others cover their layers in these formats: test_every_operator.py, and networks with a trimap in
# test_chapter_6.py.
SELDOM = (("a2u-d", "onnx"), ("a2u-d", "tflite"), ("indexnet", "onnx"), ("indexnet", "tflite"))
# Of Table 3.3: bilinear interpolation to four times the size, max pooling without stride, and added features.
BASELINES = ("matting-b1", "matting-b2", "matting-b8")
# Their sisters, and VGG-16, whose file has half a gigabyte.
MORE_BASELINES = ("matting-b3", "matting-b4", "matting-b6", "matting-b10", "b11-1.4")
CASES = [
    *((name, row, (name, row) in SELDOM) for name in FAMILIES for row in FORMATS),
    *((name, row, row != "onnx") for name in BASELINES for row in FORMATS),
    *((name, row, True) for name in MORE_BASELINES for row in FORMATS),
]
SCHEMA = json.loads(files("pspm_runtime").joinpath("manifest.schema.json").read_text())


@lru_cache(maxsize=1)
def settled(name: str) -> MattingNetwork:
    """A network that has seen the sample portrait at four brightnesses, with noise."""

    def batches(network: MattingNetwork) -> list[torch.Tensor]:
        inputs = network.given(sample_image(96, 96), torch.from_numpy(ring_trimap(96, 96))[None, None])
        inputs = torch.cat([inputs, -inputs, inputs / 2 + 0.5, inputs / 2 - 0.5])
        return [inputs + 0.1 * torch.randn(inputs.shape)]

    return settle_within_the_clamp(name, batches)


def spec(network: MattingNetwork, format_name: str, precision: str = "fp32") -> ExportSpec:
    row = FORMATS[format_name]
    return spec_for(network, row, precision, (SIDE, SIDE), dynamic=row.flexible)


@pytest.fixture
def photo() -> Image.Image:
    with Image.open(sample_photo()) as image:
        return image.convert("RGB").resize((96, 80))


@pytest.fixture
def trimap() -> np.ndarray:
    drawn = np.full((80, 96), 128, np.uint8)
    drawn[:, :20], drawn[30:50, 40:60] = 0, 255
    return drawn


@pytest.mark.parametrize(
    ("name", "format_name"),
    [pytest.param(name, row, marks=pytest.mark.exhaustive if seldom else ()) for name, row, seldom in CASES],
)
def test_every_family_is_in_every_format_what_it_is_in_torch(
    name: str, format_name: str, tmp_path: Path, photo: Image.Image, trimap: np.ndarray
) -> None:
    network = settled(name)
    wanted = spec(network, format_name)
    if (name, format_name) == ("a2u-d", "onnx"):
        # A dynamic file takes minutes to trace, for its k x k shifts; test_every_operator.py covers the operators.
        wanted = replace(wanted, dynamic=False)
    proof = write_bundle(network, name, tmp_path / "bundle", wanted, None).proof
    assert all(found.mean_error < 1e-5 for found in proof.parities.values())
    assert len(proof.parities) == (3 if wanted.dynamic else 1)
    facts = json.loads((tmp_path / "bundle/manifest.json").read_text())
    jsonschema.validate(facts, SCHEMA)
    assert facts["trimap"]["name"] == "trimap"
    assert facts["input"]["size"].get("enlarge_to", 0) == network.ENLARGE_TO
    if not FORMATS[format_name].native:
        return
    model = load(tmp_path / "bundle")
    assert (model.engine.size.overlap, model.engine.size.enlarge_to) == (wanted.overlap, wanted.enlarge_to)
    alpha = model.predict_alpha(photo, trimap=trimap)
    assert alpha.shape == trimap.shape
    assert (alpha[trimap == 0] == 0).all()
    assert (alpha[trimap == 255] == 1).all()


def test_the_trimap_changes_what_a_file_answers(tmp_path: Path) -> None:
    network = settled("b11")
    write_bundle(network, "b11", tmp_path / "bundle", spec(network, "onnx"), None)
    view = sample_view(SIDE, SIDE)
    engine = load(tmp_path / "bundle").engine
    mattes = []
    for value in (-1, 0, 1):
        drawn = np.full((SIDE, SIDE), value, np.float32)
        mattes.append(engine.alpha(view, drawn))
        assert parity(torch_alpha(lower(network), view, drawn), mattes[-1]).mean_error < 1e-4
    assert np.abs(mattes[0] - mattes[2]).max() > 0.01
    assert np.array_equal(engine.alpha(view), mattes[1])


def test_a_bundle_is_evaluated_with_the_true_trimap(tmp_path: Path) -> None:
    network = settled("b11")
    write_bundle(network, "b11", tmp_path / "bundle", spec(network, "onnx"), None)
    truth = np.zeros((120, 160), np.float32)
    truth[20:100, 30:130], truth[30:90, 40:120] = 0.5, 1
    image = np.zeros((120, 160, 3), np.uint8)
    classes = evaluation_trimap(truth)
    alpha = bundle_candidate(str(tmp_path / "bundle"), 1).estimate(image, classes).alpha
    assert set(np.unique(classes)) == {0, 1, 2}
    assert (alpha[classes == 0] == 0).all()
    assert (alpha[classes == 2] == 1).all()


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_bundle_says_how_small_photos_are_enlarged(format_name: str) -> None:
    tiled, other = (spec(build(name), format_name).size_rule for name in ("mobile-trimap", "b11"))
    assert (tiled.overlap, tiled.enlarge_to) == (SIDE // 2, MobileTrimap.ENLARGE_TO)
    assert (other.overlap, other.enlarge_to) == (0, 0)


def test_precisions_that_want_pictures_with_trimaps_are_refused(tmp_path: Path) -> None:
    network = settled("b11")
    with pytest.raises(ModelError, match="b11 takes a trimap, and there are none to calibrate int8 on"):
        write_bundle(network, "b11", tmp_path / "bundle", spec(network, "onnx", "int8"), None)
    assert not (tmp_path / "bundle").exists()


def test_a_core_ml_package_of_one_size_is_refused(tmp_path: Path) -> None:
    network = settled("b11")
    with pytest.raises(ModelError, match="a trimap is a second one; leave out --size"):
        write_bundle(network, "b11", tmp_path / "bundle", replace(spec(network, "coreml"), dynamic=False))
    assert not (tmp_path / "bundle").exists()


def test_from_a_training_to_a_matte(
    data: Path, tmp_path: Path, photo: Image.Image, trimap: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    run, bundle = tmp_path / "run", tmp_path / "bundle"
    common = ["--recipe", "trimap", "--fast-dev-run", "--accelerator", "cpu", "--workers", "0"]
    assert main(["train", "b11", "--data", str(data), "-o", str(run), *common]) == 0
    assert main(["export", str(run / "checkpoint.ckpt"), "--size", "64", "-o", str(bundle)]) == 0
    photo.save(tmp_path / "photo.png")
    Image.fromarray(trimap).save(tmp_path / "trimap.png")
    out = tmp_path / "alpha.png"
    command = ["alpha", str(tmp_path / "photo.png"), "--model", str(bundle), "-o", str(out)]
    assert main(command) == 1
    assert "b11 must be given a trimap" in capsys.readouterr().err
    assert not out.exists()
    assert main([*command, "--trimap", str(tmp_path / "trimap.png")]) == 0
    with Image.open(out) as alpha:
        found = np.asarray(alpha)
    assert (found[trimap == 0] == 0).all()
    assert (found[trimap == 255] == 255).all()
    from_python = load(bundle).predict_alpha(photo, trimap=trimap)
    assert np.array_equal(np.rint(from_python * 255), found)
