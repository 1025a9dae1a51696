"""ONNX: export of a checkpoint from the command line, the shipped files, sizes, half precision, pooling in int8."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper
from pspm_export.plan.calibration import calibrate_on
from pspm_export.plan.export_spec import ExportSpec, spec_for, spec_of_bundle
from pspm_export.plan.formats import FORMATS
from pspm_export.plan.source_network import find_trained, torch_twin
from pspm_export.verification.parity import compare
from pspm_export.verification.proof import Proof, prove
from pspm_export.verification.sample_inputs import sample_image, sample_view
from pspm_export.writers.onnx.half import LARGE, halve_weights
from pspm_export.writers.onnx.writer import OnnxWriter
from pspm_runtime import ModelError, load
from pspm_runtime.bundle import open_bundle, shipped
from pspm_runtime.command.cli import main
from pspm_runtime.engines.open_engine import open_engine
from torch import Tensor, nn

from pspm.networks import MattingNetwork, build
from tests.export.test_formats import SIDE, Small

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle exported from a checkpoint with the command line."""
    folder = tmp_path_factory.mktemp("export")
    torch.manual_seed(0)
    checkpoint = folder / "checkpoint.ckpt"
    weights = {f"network.{key}": value for key, value in build("mobile").state_dict().items()}
    torch.save({"state_dict": weights, "hyper_parameters": {"network": "mobile"}}, checkpoint)
    assert main(["export", str(checkpoint), "-o", str(folder / "out")]) == 0
    return folder / "out"


def test_an_export_is_a_bundle_that_loads(bundle: Path) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert open_bundle(bundle).network == "mobile"
    assert [(p["height"], p["width"]) for p in manifest["parity"]] == [(640, 640), (256, 256), (320, 448)]
    assert sorted(path.name for path in bundle.iterdir()) == ["manifest.json", "model.onnx"]


def test_an_export_tells_nothing_of_the_machine_it_was_made_on(bundle: Path) -> None:
    data = (bundle / "model.onnx").read_bytes()
    assert str(Path(__file__).parents[2]).encode() not in data
    assert b"site-packages" not in data


def test_an_export_holds_portable_operators_only(bundle: Path) -> None:
    kinds = set(OnnxWriter().operator_counts(bundle / "model.onnx"))
    assert not kinds & {"MaxUnpool", "ScatterND", "ScatterElements", "GatherND", "BatchNormalization"}


def proof_of(name: str, file: Path) -> Proof:
    """The proof of a file against the shipped network of this name."""
    bundle = open_bundle(name)
    network = torch_twin(bundle.model, bundle.network)
    return prove(network, file, spec_of_bundle(bundle, network), None)


def onnx_spec(network: MattingNetwork, precision: str) -> ExportSpec:
    return spec_for(network, FORMATS["onnx"], precision, (SIDE, SIDE))


@pytest.mark.parametrize("name", shipped())
def test_the_shipped_file_computes_what_torch_computes(name: str) -> None:
    """At the traced size and two others; torch uses its own pooling and unpooling."""
    proof = proof_of(name, open_bundle(name).model)
    assert len(proof.parities) == 3
    assert all(parity.holds("fp32") for parity in proof.parities.values()), proof


@pytest.mark.parametrize("name", shipped())
def test_the_shipped_file_takes_any_size(name: str) -> None:
    model = open_bundle(name)
    sizes = [(64, 96), (160, 128), (256, 256), (96, 352), (320, 448)]
    found = compare(torch_twin(model.model, model.network), open_engine(model, 1), (sample_view(*s) for s in sizes))
    assert [parity for parity in found if not parity.holds("fp32")] == []


@pytest.mark.parametrize("name", shipped())
def test_one_flipped_weight_is_noticed(name: str, tmp_path: Path) -> None:
    """Flip it in a layer whose single weights hardly change the matte."""
    model = open_bundle(name)
    damaged = onnx.load(str(model.model))
    tensor = next(t for t in damaged.graph.initializer if "encoder.stages.6.1.block.0" in t.name and len(t.dims) == 4)
    weight = numpy_helper.to_array(tensor).copy()
    at = np.unravel_index(np.abs(weight).argmax(), weight.shape)
    weight[at] = -weight[at]
    tensor.CopyFrom(numpy_helper.from_array(weight, tensor.name))
    onnx.save(damaged, str(tmp_path / "model.onnx"))
    with pytest.raises(ModelError, match=r"^model\.onnx is refused: 1 of the .* weights of its encoder\.stages\.6"):
        proof_of(name, tmp_path / "model.onnx")


def test_a_network_that_onnx_cannot_express_leaves_nothing_behind(tmp_path: Path) -> None:
    network = Small().eval()
    network.prediction = Foreign()  # type: ignore[assignment]
    with pytest.raises(ModelError, match=r"^ONNX cannot express this network \([^\n]*\); change the operator$"):
        OnnxWriter().write(network, tmp_path / "model.onnx", onnx_spec(network, "fp32"))
    assert list(tmp_path.iterdir()) == []


class Foreign(nn.Module):
    """A layer that cannot be traced: its branch depends on the pixels."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :4] if float(x.sum()) > 0 else -x[:, :4]


def test_pooling_masks_of_b5_keep_their_mean_in_int8(tmp_path: Path) -> None:
    """Some layers stay in float, but none between a maximum and the feature map that it is compared with."""
    network, _ = find_trained(None, "b5")
    path, pictures = tmp_path / "model.onnx", calibrate_on(None, (SIDE, SIDE)).pictures[:4]
    OnnxWriter().write(network, path, onnx_spec(network, "int8"), pictures)
    assert [mask.mean() for mask in masks(path)] == [pytest.approx(0.25, abs=1e-6)] * 2
    graph = onnx.load(str(path)).graph
    assert len([t for t in graph.initializer if t.data_type == onnx.TensorProto.INT8 and len(t.dims) == 4]) > 40
    assert [t.name for t in graph.initializer if "stages.1.0" in t.name and t.data_type == onnx.TensorProto.FLOAT]


def test_pooling_masks_keep_their_mean_in_int8(tmp_path: Path) -> None:
    """Each 2x2 cell has a single 1; it would have none or several if maximum and feature were rounded differently."""
    torch.manual_seed(0)
    network = Small().train()
    with torch.no_grad():
        for _ in range(30):
            network(sample_image(SIDE, SIDE))
    pictures, _ = calibrate_on(None, (SIDE, SIDE))
    path = tmp_path / "model.onnx"
    OnnxWriter().write(network.eval(), path, onnx_spec(network, "int8"), pictures)
    assert [mask.mean() for mask in masks(path)] == [pytest.approx(0.25, abs=1e-3)]


def masks(path: Path) -> list[np.ndarray]:
    """The masks of the lowered max poolings, (1, C, H, W), on the sample portrait."""
    model = onnx.load(str(path))
    equal = {node.output[0] for node in model.graph.node if node.op_type == "Equal"}
    casts = [node.output[0] for node in model.graph.node if node.op_type == "Cast" and node.input[0] in equal]
    names = casts[1::2]  # The first cast of each pair marks all maxima of a cell, the second only the first maximum.
    for name in names:
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found: list[np.ndarray] = session.run(names, {"image": sample_image(SIDE, SIDE).numpy()})
    return found


def test_large_weights_are_stored_in_half_precision() -> None:
    network = torch.nn.Sequential(torch.nn.Linear(LARGE, 1), torch.nn.Linear(4, 1))
    tensors = [numpy_helper.from_array(p.detach().numpy(), key) for key, p in network.named_parameters()]
    model = onnx.helper.make_model(onnx.helper.make_graph([], "weights", [], [], tensors))
    halve_weights(model)
    assert {t.name: t.data_type for t in model.graph.initializer} == {
        "0.weight.half": onnx.TensorProto.FLOAT16,
        "0.bias": onnx.TensorProto.FLOAT,
        "1.weight": onnx.TensorProto.FLOAT,
        "1.bias": onnx.TensorProto.FLOAT,
    }
    assert [(n.op_type, n.input[0], n.output[0]) for n in model.graph.node] == [("Cast", "0.weight.half", "0.weight")]


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", None])
def test_a_checkpoint_that_is_none_is_refused_in_one_sentence(
    content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "checkpoint.ckpt"
    if content is not None:
        path.write_bytes(content)
    assert main(["export", str(path), "--model", "b5", "-o", str(tmp_path / "b5")]) == 1
    error = capsys.readouterr().err
    assert str(path) in error
    assert error.count("\n") == 1
    assert not (tmp_path / "b5").exists()


def test_an_onnx_file_that_is_no_matting_network_is_refused(tmp_path: Path) -> None:
    value = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, 10])
    result = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1, 10])
    graph = onnx.helper.make_graph([onnx.helper.make_node("Relu", ["x"], ["y"])], "relu", [value], [result])
    opset = onnx.helper.make_opsetid("", 18)
    onnx.save(onnx.helper.make_model(graph, opset_imports=[opset], ir_version=10), str(tmp_path / "model.onnx"))
    manifest = dict(open_bundle(shipped()[0]).facts)
    manifest["sha256"] = hashlib.sha256((tmp_path / "model.onnx").read_bytes()).hexdigest()
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match=r"model\.onnx does not turn"):
        load(tmp_path)
