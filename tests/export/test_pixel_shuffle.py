"""The strided form of the last convolution before a pixel shuffle."""

import copy

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper
from pspm_export.writers.onnx.pixel_shuffle import stride_last_convolution
from pspm_export.writers.onnx.weights import convolution_weights

CHANNELS = 5


def shuffled(outputs: int = 4, kernel: int = 3, pad: int = 1, dtype: type = np.float32) -> onnx.ModelProto:
    """A convolution and a pixel shuffle."""
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(outputs, CHANNELS, kernel, kernel)).astype(dtype)
    bias = rng.normal(size=outputs).astype(dtype)
    element = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    graph = helper.make_graph(
        [
            helper.make_node(
                "Conv", ["x", "weight", "bias"], ["features"], group=1, pads=[pad] * 4, strides=[1, 1], dilations=[1, 1]
            ),
            helper.make_node("DepthToSpace", ["features"], ["matte"], blocksize=2, mode="CRD"),
        ],
        "shuffled",
        [helper.make_tensor_value_info("x", element, [1, CHANNELS, "h", "w"])],
        [helper.make_tensor_value_info("matte", element, [1, None, None, None])],
        [numpy_helper.from_array(weight, "weight"), numpy_helper.from_array(bias, "bias")],
        value_info=[helper.make_tensor_value_info("features", element, [1, outputs, "h", "w"])],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def run(model: onnx.ModelProto, x: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    matte: np.ndarray = session.run(None, {"x": x})[0]
    return matte


@pytest.mark.parametrize("shape", [(2, 2), (4, 10), (32, 16)])
def test_the_strided_convolution_makes_the_same_matte(shape: tuple[int, int]) -> None:
    model = shuffled()
    strided = copy.deepcopy(model)
    stride_last_convolution(strided)
    onnx.checker.check_model(strided, full_check=True)
    x = np.random.default_rng(1).normal(size=(1, CHANNELS, *shape)).astype(np.float32)
    expected = run(model, x)
    assert expected.shape == (1, 1, 2 * shape[0], 2 * shape[1])
    np.testing.assert_allclose(run(strided, x), expected, rtol=0, atol=1e-5)


def test_the_file_keeps_the_weights_of_the_network() -> None:
    model = shuffled()
    before = numpy_helper.to_array(model.graph.initializer[0])
    stride_last_convolution(model)
    strides = [entry.ints for node in model.graph.node for entry in node.attribute if entry.name == "strides"]
    assert list(strides[0]) == [2, 2]
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    np.testing.assert_array_equal(stored["weight"], before)
    (read,) = convolution_weights(model)
    np.testing.assert_array_equal(read, before)


@pytest.mark.parametrize(
    "model",
    [shuffled(outputs=8), shuffled(kernel=5, pad=2), shuffled(pad=0), shuffled(dtype=np.float16)],
    ids=["8 outputs", "5x5", "no padding", "half precision"],
)
def test_other_convolutions_stay_as_they_are(model: onnx.ModelProto) -> None:
    before = model.SerializeToString()
    stride_last_convolution(model)
    assert model.SerializeToString() == before


def test_a_convolution_without_a_pixel_shuffle_stays_as_it_is() -> None:
    model = shuffled()
    del model.graph.node[1]
    model.graph.output[0].name = "features"
    before = model.SerializeToString()
    stride_last_convolution(model)
    assert model.SerializeToString() == before
