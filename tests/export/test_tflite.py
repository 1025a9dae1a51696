"""TFLite files compared with torch: the default network at a size that is not square."""

import hashlib
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from pspm_export.plan.export_spec import ExportSpec, spec_for
from pspm_export.plan.formats import FORMATS
from pspm_export.plan.source_network import find_trained, torch_twin
from pspm_export.plan.trimap_input import zero_inputs
from pspm_export.verification.android_engine import EngineMissingError
from pspm_export.verification.android_engine import run as run_in_tensorflow
from pspm_export.verification.parity import torch_alpha
from pspm_export.verification.proof import prove
from pspm_export.verification.sample_inputs import sample_image, sample_view
from pspm_export.writers.lowering import AlphaOnly, lower
from pspm_export.writers.tflite import writer as tflite
from pspm_export.writers.tflite.android_operators import refuse_newer
from pspm_export.writers.tflite.channels_last import ChannelsLast
from pspm_export.writers.tflite.writer import TFLiteWriter
from pspm_runtime import ModelError, load
from pspm_runtime.bundle import MANIFEST, open_bundle
from pspm_runtime.engines.litert import LiteRTEngine
from torch import Tensor, nn

from pspm.bn_folding import fold_norms
from pspm.networks import MattingNetwork, build
from tests.networks import settled

pytestmark = pytest.mark.slow

SIZE = (256, 192)
PRECISIONS = FORMATS["tflite"].precisions
# The largest mean error with trained weights. Random weights, and pictures too small for a person, round far worse.
BOUNDS = {"fp32": 1e-5, "fp16": 1e-3, "dynamic-int8": 1e-2, "int8": 1e-2}


@cache
def trained() -> MattingNetwork:
    bundle = open_bundle("mobile")
    return torch_twin(bundle.model, "mobile").eval()


def pictures() -> list[Tensor]:
    picture = sample_image(*SIZE)
    return [picture, picture.flip(3), picture / 2]


def tflite_spec(network: MattingNetwork, precision: str = "fp32") -> ExportSpec:
    return spec_for(network, FORMATS["tflite"], precision, SIZE)


def write(network: MattingNetwork, path: Path, precision: str = "fp32") -> Path:
    TFLiteWriter().write(network, path, tflite_spec(network, precision), pictures())
    return path


def mean_error(network: MattingNetwork, path: Path) -> float:
    view = sample_view(*SIZE)
    expected, found = torch_alpha(network, view), LiteRTEngine(path, threads=1).alpha(view)
    assert found.shape == expected.shape == SIZE
    assert found.dtype == np.float32
    return float(np.abs(found - expected).mean())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """`mobile` in every precision, converted once."""
    folder = tmp_path_factory.mktemp("tflite")
    lowered = ChannelsLast(lower(fold_norms(AlphaOnly(trained())))).eval()
    converted = tflite.convert(lowered, zero_inputs(trained(), SIZE))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tflite, "convert", lambda network, inputs: converted)
        return {name: write(trained(), folder / f"{name}.tflite", name) for name in PRECISIONS}


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_file_computes_what_torch_computes(files: dict[str, Path], precision: str) -> None:
    assert mean_error(trained(), files[precision]) <= BOUNDS[precision]


def test_int8_leaves_the_sensitive_layers_in_float(files: dict[str, Path]) -> None:
    """The stem, stages 1 and 2, the first layer of stage 3, and the MatDecoder's pixels and detail."""
    before, after = (TFLiteWriter().convolution_weights(files[precision]) for precision in ("fp32", "int8"))
    # A channel with a single weight is exact in 8 bits, too.
    same = [np.array_equal(*pair) for pair in zip(before, after, strict=True) if pair[0][0].size > 1]
    detail_and_prediction = [True, True, True, False]
    assert same == [True] * 10 + [False] * (len(same) - 14) + detail_and_prediction


def test_a_network_that_pools_computes_the_same(tmp_path: Path) -> None:
    """`b5-fm` contains all layers of `b5`."""
    assert mean_error(settled("b5-fm"), write(settled("b5-fm"), tmp_path / "model.tflite")) <= BOUNDS["fp32"]


def test_pooling_masks_keep_their_mean_in_int8(tmp_path: Path) -> None:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType  # type: ignore[import-untyped]

    network, _ = find_trained(None, "b5")
    path = write(network, tmp_path / "model.tflite", "int8")
    interpreter = Interpreter(
        str(path),
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    pixels = (sample_view(*SIZE)[None].astype(np.int16) - 128).astype(np.int8)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixels)
    interpreter.invoke()
    casts = [step["outputs"][0] for step in interpreter._get_ops_details() if step["op_name"] == "CAST"]
    masks = [interpreter.get_tensor(mask) for mask in casts[1::2]]  # the first cast of each pair marks all maxima
    assert [float(mask.mean()) for mask in masks] == [0.25, 0.25]


def test_one_flipped_weight_is_noticed(files: dict[str, Path], tmp_path: Path) -> None:
    """Flip the largest weight of a layer in the file, one whose single weights hardly change the matte."""
    for precision, kind in (("fp32", "f4"), ("fp16", "f2")):
        model = bytearray(files[precision].read_bytes())
        weight = trained().encoder.stages[6][1].block[0][0].weight.detach().permute(0, 2, 3, 1).numpy().astype(kind)
        at = model.find(weight.tobytes()) + int(np.abs(weight).argmax()) * weight.itemsize
        assert at > weight.itemsize
        model[at + weight.itemsize - 1] ^= 0x80
        (tmp_path / "flipped.tflite").write_bytes(model)
        with pytest.raises(ModelError, match=r"1 of the \d+ weights of its encoder\.stages\.6\.1\.block\.0"):
            prove(trained(), tmp_path / "flipped.tflite", tflite_spec(trained(), precision), None)


def test_a_flipped_weight_is_noticed(files: dict[str, Path], tmp_path: Path) -> None:
    """Flip the sign of the last convolution in the file."""
    model = bytearray(files["fp32"].read_bytes())
    weight = trained().mat_decoder.prediction.weight.detach().permute(0, 2, 3, 1).contiguous().numpy()
    at = model.find(weight.tobytes())
    assert at > 0
    model[at : at + weight.nbytes] = (-weight).tobytes()
    (tmp_path / "flipped.tflite").write_bytes(model)
    assert mean_error(trained(), tmp_path / "flipped.tflite") > 1000 * BOUNDS["fp32"]


@pytest.mark.parametrize("precision", PRECISIONS)
def test_pixels_go_in_and_the_alpha_comes_out(files: dict[str, Path], precision: str) -> None:
    engine, interface = LiteRTEngine(files[precision], threads=1), TFLiteWriter().interface(precision)
    assert engine.size.sizes == (SIZE[::-1],)
    assert np.dtype(engine.dtype).name == interface["input"]["type"] == interface["output"]["type"]
    assert interface["input"]["layout"] == interface["output"]["layout"] == "NHWC"
    assert interface["output"]["range"][1] == (127 if precision == "int8" else 1)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_no_operation_is_foreign_and_none_is_in_the_way(files: dict[str, Path], precision: str) -> None:
    """All operations are built in, known to Android's engine and in one XNNPACK partition; only unfolding transposes.

    XNNPACK would leave unsigned bytes to a slower engine.
    """
    operators = TFLiteWriter().operator_counts(files[precision])
    assert not [kind for kind in operators if kind.startswith("Flex") or kind in ("CUSTOM", "RELU_0_TO_1")]
    assert operators["TRANSPOSE"] == operators["PAD"] == 1
    from ai_edge_litert.interpreter import Interpreter  # type: ignore[import-untyped]

    interpreter = Interpreter(str(files[precision]))
    interpreter.allocate_tensors()
    assert [step["op_name"] for step in interpreter._get_ops_details()].count("DELEGATE") == 1
    assert np.uint8 not in [tensor["dtype"] for tensor in interpreter.get_tensor_details()]


def test_an_operation_that_android_does_not_know_is_refused() -> None:
    refuse_newer([("CONV_2D", 1)])
    with pytest.raises(ModelError, match=r"^CONV_2D version 99, CUSTOM version 1 would not run"):
        refuse_newer([("CONV_2D", 99), ("CUSTOM", 1)])


def test_androids_engine_agrees(files: dict[str, Path]) -> None:
    """Run TensorFlow Lite 2.16.1, which uv downloads once (half a gigabyte)."""
    view = sample_view(*SIZE)
    try:
        theirs = run_in_tensorflow(files["fp32"], view[None].astype(np.float32))
    except EngineMissingError as missing:
        pytest.skip(str(missing))
    ours = LiteRTEngine(files["fp32"], threads=1).alpha(view)
    assert np.abs(ours - theirs[0, ..., 0]).mean() < 1e-6


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({"precision": "int4"}, "tflite has no precision int4; it has fp32, fp16, dynamic-int8, int8"),
        ({"size": (100, 96)}, "a side of 100 is not a multiple of 32 up to 1024; the nearest are 96 and 128"),
        ({"size": (0, 96)}, "a side of 0 is not a multiple of 32 up to 1024; the nearest are 32 and 64"),
        ({"dynamic": True}, "a tflite file has one size; leave out --dynamic and choose one with --size"),
        ({"precision": "int8"}, "int8 learns its ranges from pictures of 192x256; give some to calibrate on"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(asked: dict[str, object], answer: str, tmp_path: Path) -> None:
    asked = {"precision": "fp32", "size": SIZE, "dynamic": False, **asked}
    network = build("mobile").eval()
    with pytest.raises(ModelError) as refusal:
        TFLiteWriter().write(network, tmp_path / "model.tflite", spec_for(network, FORMATS["tflite"], **asked))
    assert str(refusal.value) == answer
    assert not list(tmp_path.iterdir())


def test_a_network_that_litert_cannot_express_leaves_nothing_behind(tmp_path: Path) -> None:
    network = build("mobile").eval()
    network.mat_decoder.prediction = Foreign()
    with pytest.raises(ModelError, match="export it to onnx") as refusal:
        write(network, tmp_path / "model.tflite")
    assert "\n" not in str(refusal.value)
    assert not list(tmp_path.iterdir())


class Foreign(nn.Module):
    """A layer that cannot be traced: its branch depends on the pixels."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :4] if float(x.sum()) > 0 else -x[:, :4]


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_the_runtime_runs_a_bundle_of_it(files: dict[str, Path], precision: str, tmp_path: Path) -> None:
    model = files[precision].read_bytes()
    (tmp_path / "model.tflite").write_bytes(model)
    interface = TFLiteWriter().interface(precision)
    interface["input"]["size"] = {"side": 64, "multiple": 64, "longest": 64}
    facts = {"name": "m", "network": "mobile", "file": "model.tflite", "format": "tflite", "licence": "", "data": ""}
    (tmp_path / MANIFEST).write_text(json.dumps({**facts, **interface, "sha256": hashlib.sha256(model).hexdigest()}))
    runtime = load(tmp_path)
    image, square = np.zeros((150, 90, 3), np.uint8), np.zeros((64, 64, 3), np.uint8)
    with pytest.raises(ModelError, match=r"^this model takes 192x256 pixels, not 64x64; resize the photo$"):
        runtime.engine.alpha(square)
    view = runtime.open(image).image.resize(SIZE[::-1])
    assert runtime.engine.alpha(np.asarray(view)).shape == SIZE


@pytest.mark.parametrize("content", [b"", b"no model at all" * 10])
def test_a_file_that_is_no_model_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.tflite").write_bytes(content)
    with pytest.raises(ModelError, match="is not a model that LiteRT can run"):
        LiteRTEngine(tmp_path / "model.tflite", threads=1)


def test_without_litert_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(
        ModelError, match=r"^model\.tflite runs in LiteRT; install it with: pip install ai-edge-litert$"
    ):
        LiteRTEngine(Path("model.tflite"), threads=1)
