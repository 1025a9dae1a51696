"""Folders for other programs. `make hosts-check` loads them there."""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pspm_export.bundle
import pytest
from pspm_export.bundle import Written
from pspm_export.layouts.layouts import LAYOUTS, lay_out
from pspm_export.plan.export_spec import ExportSpec
from pspm_export.verification.proof import Proof
from pspm_runtime import ModelError, OutputError
from pspm_runtime.bundle import open_bundle
from pspm_runtime.command.cli import main


def bundle_of(folder: Path, **changes: object) -> Path:
    """A copy of the shipped bundle with other facts in its manifest."""
    shutil.copytree(open_bundle("mobile").model.parent, folder)
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | changes))
    return folder


def test_a_folder_for_transformers_js(tmp_path: Path) -> None:
    lay_out("mobile", "huggingface", tmp_path / "hub")

    shipped = open_bundle("mobile")
    prepared = json.loads((tmp_path / "hub/preprocessor_config.json").read_text())
    assert json.loads((tmp_path / "hub/config.json").read_text())["model_type"] == "modnet"
    assert (tmp_path / "hub/onnx/model_fp16.onnx").read_bytes() == shipped.model.read_bytes()
    assert (prepared["image_mean"], prepared["image_std"]) == ([*shipped.mean], [*shipped.std])
    assert prepared["size"] == {"shortest_edge": min(shipped.size.fit(750, 1000)), "longest_edge": shipped.size.longest}
    assert prepared["size_divisibility"] == shipped.size.multiple
    card = (tmp_path / "hub/README.md").read_text()
    assert shipped.facts["licence"] in card
    assert 'dtype: "fp16"' in card


@pytest.mark.parametrize(("precision", "file"), [("fp32", "model.onnx"), ("int8", "model_quantized.onnx")])
def test_transformers_js_finds_the_precision_by_the_files_name(precision: str, file: str, tmp_path: Path) -> None:
    size = {**open_bundle("mobile").facts["input"], "size": {"side": 512, "multiple": 512, "longest": 512}}
    lay_out(bundle_of(tmp_path / "bundle", precision=precision, input=size), "huggingface", tmp_path / "hub")

    assert [path.name for path in (tmp_path / "hub/onnx").iterdir()] == [file]
    prepared = json.loads((tmp_path / "hub/preprocessor_config.json").read_text())
    assert prepared["size"] == {"width": 512, "height": 512}


def test_a_folder_for_triton(tmp_path: Path) -> None:
    lay_out("mobile", "triton", tmp_path / "models")

    folder = tmp_path / "models/pspm-mobile"
    text = (folder / "config.pbtxt").read_text()
    graph = onnx.load(folder / "1/model.onnx").graph
    for kind, value in (("input", graph.input[0]), ("output", graph.output[0])):
        dims = ", ".join(str(dim.dim_value or -1) for dim in value.type.tensor_type.shape.dim)
        assert f'{kind} [ {{ name: "{value.name}" data_type: TYPE_FP32 dims: [ {dims} ] }} ]' in text
    session = onnxruntime.InferenceSession(folder / "1/model.onnx")
    (alpha,) = session.run(None, {"image": np.zeros((1, 3, 64, 96), np.float32)})
    assert alpha.shape == (1, 1, 64, 96)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_a_layout_cannot_hold_is_an_error(layout: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="takes a trimap"):
        lay_out("mobile-trimap", layout, tmp_path / "out")
    with pytest.raises(ModelError, match="takes ONNX; export it as onnx"):
        lay_out(bundle_of(tmp_path / "bundle", format="tflite"), layout, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").touch()
    with pytest.raises(OutputError, match="holds something already"):
        lay_out("mobile", layout, tmp_path / "full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


@pytest.mark.slow
def test_the_command_writes_a_layout_or_says_why_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def copied(network: object, name: str, folder: Path, spec: ExportSpec, *_: object, **__: object) -> Written:
        assert spec.for_browsers
        bundle_of(folder, precision="fp32")
        return Written(Proof({}, None), 0)

    monkeypatch.setattr(pspm_export.bundle, "write_bundle", copied)
    arguments = ["export", "--model", "mobile", "-o", str(tmp_path / "hub"), "--layout", "huggingface"]

    assert main([*arguments, "--format", "tflite"]) == 1
    assert "--layout huggingface takes ONNX; leave out --format" in capsys.readouterr().err
    assert main(arguments) == 0
    assert (tmp_path / "hub/onnx/model.onnx").is_file()
    assert main(arguments) == 1
    assert "holds something already" in capsys.readouterr().err
