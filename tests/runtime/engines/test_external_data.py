from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, numpy_helper
from pspm_runtime import ModelError
from pspm_runtime.engines.external_data import check_external_data
from pspm_runtime.engines.onnx import OnnxEngine

from tests.runtime.engines.test_onnx import SIZE, save
from tests.runtime.pictures import assert_one_sentence


def outside(place: str = "../secret") -> TensorProto:
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[2], data_location=TensorProto.EXTERNAL)
    for key, value in (("location", place), ("offset", "0"), ("length", "8")):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
    return tensor


def sparse(tensor: TensorProto) -> onnx.SparseTensorProto:
    indices = numpy_helper.from_array(np.array([0, 1]), "i")
    return onnx.SparseTensorProto(values=tensor, indices=indices, dims=[4])


def attribute(**fields: Any) -> onnx.AttributeProto:
    return onnx.AttributeProto(name="a", **fields)


def inside_graph(tensor: TensorProto) -> onnx.GraphProto:
    return onnx.GraphProto(name="inner", initializer=[tensor])


PLACES = {
    "initializer": lambda t: {"graph": onnx.GraphProto(initializer=[t])},
    "sparse initializer": lambda t: {"graph": onnx.GraphProto(sparse_initializer=[sparse(t)])},
    "attribute": lambda t: {"graph": onnx.GraphProto(node=[onnx.NodeProto(attribute=[attribute(t=t)])])},
    "attributes": lambda t: {"graph": onnx.GraphProto(node=[onnx.NodeProto(attribute=[attribute(tensors=[t])])])},
    "subgraph": lambda t: {"graph": onnx.GraphProto(node=[onnx.NodeProto(attribute=[attribute(g=inside_graph(t))])])},
    "subgraphs": lambda t: {
        "graph": onnx.GraphProto(node=[onnx.NodeProto(attribute=[attribute(graphs=[inside_graph(t)])])])
    },
    "sparse attribute": lambda t: {
        "graph": onnx.GraphProto(node=[onnx.NodeProto(attribute=[attribute(sparse_tensor=sparse(t))])])
    },
    "function": lambda t: {
        "functions": [onnx.FunctionProto(name="f", node=[onnx.NodeProto(attribute=[attribute(t=t)])])]
    },
    "training": lambda t: {"training_info": [onnx.TrainingInfoProto(initialization=inside_graph(t))]},
}


@pytest.mark.parametrize("place", PLACES)
def test_external_data_is_found_wherever_a_tensor_can_be(place: str, tmp_path: Path) -> None:
    file = tmp_path / "m.onnx"
    file.write_bytes(onnx.ModelProto(ir_version=9, **PLACES[place](outside())).SerializeToString())
    with pytest.raises(ModelError) as caught:
        check_external_data(file)
    assert_one_sentence(caught.value, "m.onnx", "weights in other files", "export it as one file")


@pytest.mark.parametrize("place", ["weights.bin", "../secret", "/etc/passwd"])
def test_an_engine_does_not_open_external_data(place: str, tmp_path: Path) -> None:
    model = onnx.load(save(tmp_path / "m.onnx", (0, 0, 0), 0.5))
    model.graph.initializer.append(outside(place))
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match="weights in other files"):
        OnnxEngine(tmp_path / "m.onnx", SIZE)


def test_external_data_without_the_flag_is_refused(tmp_path: Path) -> None:
    tensor = outside()
    tensor.ClearField("data_location")
    (tmp_path / "m.onnx").write_bytes(onnx.ModelProto(graph=inside_graph(tensor)).SerializeToString())
    with pytest.raises(ModelError, match="weights in other files"):
        check_external_data(tmp_path / "m.onnx")


def test_usual_files_pass(tmp_path: Path) -> None:
    check_external_data(save(tmp_path / "m.onnx", (0, 0, 0), 0.5))


@pytest.mark.parametrize("data", [b"\x0b\x0c", b"\x3a\xff", b"\xff" * 20, b"\x3a\x05ab", bytes(4) + b"ORTM" + bytes(8)])
def test_files_that_are_not_onnx_are_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(data)
    with pytest.raises(ModelError) as caught:
        check_external_data(tmp_path / "m.onnx")
    assert_one_sentence(caught.value, "m.onnx", "export it again")


def test_overlong_numbers_hide_nothing(tmp_path: Path) -> None:
    """Protobuf accepts 0x85 0x00 for 5: here a tag of a graph, and the flag of a tensor."""
    tensor = b"\xf0\x80\x00\x81\x00"  # field 14: 1
    graph = b"\xaa\x80\x00" + bytes([len(tensor)]) + tensor  # field 5
    (tmp_path / "m.onnx").write_bytes(b"\xba\x80\x00" + bytes([len(graph)]) + graph)  # field 7
    with pytest.raises(ModelError, match="weights in other files"):
        check_external_data(tmp_path / "m.onnx")
