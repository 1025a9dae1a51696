"""Test the inputs and outputs of ONNX files, on files with a single convolution."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import RunOptions
from pspm_runtime import ModelError
from pspm_runtime.engines.onnx import OnnxEngine
from pspm_runtime.stages.network_view import InputSize

from tests.runtime.pictures import assert_one_sentence, noise

SIZE = InputSize(64, 16, 128)
MEAN, STD = (0.1, 0.2, 0.3), (0.9, 0.8, 0.7)


def save(path: Path, weights: tuple[float, ...], bias: float, sides: tuple[object, object] = ("h", "w")) -> Path:
    """A file whose alpha is a weighted sum of the channels; with a fourth weight it takes a trimap."""
    weight = numpy_helper.from_array(np.array(weights, np.float32)[None, :, None, None], "weight")
    constant = numpy_helper.from_array(np.array([bias], np.float32), "bias")
    names = [("image", 3)] + [("trimap", 1)] * (len(weights) - 3)
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, c, *sides]) for name, c in names]
    output = helper.make_tensor_value_info("alpha", TensorProto.FLOAT, [1, 1, *sides])
    joined = helper.make_node("Concat", [name for name, _ in names], ["x"], axis=1)
    convolution = helper.make_node("Conv", ["x", "weight", "bias"], ["alpha"])
    graph = helper.make_graph([joined, convolution], "sum", inputs, [output], [weight, constant])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_network_gets_the_normalisation_of_the_manifest(channel: int, tmp_path: Path) -> None:
    weights = [0.0, 0.0, 0.0]
    weights[channel] = 0.25
    view = noise(32, 16)

    alpha = OnnxEngine(save(tmp_path / "m.onnx", tuple(weights), 0.5), SIZE, mean=MEAN, std=STD).alpha(view)

    expected = (view[..., channel] / 255 - MEAN[channel]) / STD[channel]
    assert alpha.shape == (16, 32)
    assert alpha.dtype == np.float32
    assert np.allclose((alpha - 0.5) / 0.25, expected, atol=1e-5)


def test_alpha_is_clipped(tmp_path: Path) -> None:
    above, below = (save(tmp_path / f"{bias}.onnx", (0, 0, 0), bias) for bias in (1.5, -0.5))

    assert OnnxEngine(above, SIZE).alpha(noise(32, 16)).max() == 1
    assert OnnxEngine(below, SIZE).alpha(noise(32, 16)).min() == 0


def test_a_trimap_is_the_second_input(tmp_path: Path) -> None:
    engine = OnnxEngine(save(tmp_path / "m.onnx", (0, 0, 0, 0.5), 0.5), SIZE, trimap="trimap")
    trimap = np.random.default_rng(0).integers(-1, 2, (16, 32)).astype(np.float32)

    assert engine.takes_trimap
    assert np.array_equal(engine.alpha(noise(32, 16), trimap), (trimap + 1) / 2)
    assert (engine.alpha(noise(32, 16)) == 0.5).all()


def test_an_input_that_the_manifest_does_not_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="export a matting network"):
        OnnxEngine(save(tmp_path / "m.onnx", (0, 0, 0, 0.5), 0.5), SIZE)
    with pytest.raises(ModelError, match="export a matting network"):
        OnnxEngine(save(tmp_path / "m.onnx", (0, 0, 0), 0.5), SIZE, trimap="trimap")


def test_a_size_that_the_file_does_not_take(tmp_path: Path) -> None:
    engine = OnnxEngine(save(tmp_path / "m.onnx", (0, 0, 0), 0.5, (16, 32)), SIZE)

    with pytest.raises(ModelError) as caught:
        engine.alpha(noise(48, 16))
    assert_one_sentence(caught.value, "takes 32x16 pixels, not 48x16", "resize")
    assert engine.alpha(noise(32, 16)).shape == (16, 32)


def test_memory_of_large_views_goes_back_to_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = OnnxEngine(save(tmp_path / "m.onnx", (0, 0, 0), 0.5), SIZE)
    run, given = engine._session.run, []

    def record(outputs: None, feed: dict[str, np.ndarray], options: RunOptions | None) -> list[np.ndarray]:
        given.append(options and options.get_run_config_entry("memory.enable_memory_arena_shrinkage"))
        found: list[np.ndarray] = run(outputs, feed, options)
        return found

    monkeypatch.setattr(engine, "_session", SimpleNamespace(run=record))

    for width, height in ((64, 64), (96, 64), (96, 80)):
        assert (engine.alpha(noise(width, height)) == 0.5).all()
    assert given == [None, None, "cpu:0"]
