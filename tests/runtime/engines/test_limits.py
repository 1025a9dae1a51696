import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper
from pspm_runtime import Model, ModelError
from pspm_runtime.engines import onnx as onnx_engine
from pspm_runtime.engines.limits import MAX_THREADS, cores
from pspm_runtime.engines.onnx import OnnxEngine

from tests.runtime.engines.test_onnx import SIZE, save
from tests.runtime.fake_engine import FakeEngine, same_everywhere
from tests.runtime.pictures import assert_one_sentence, noise


@pytest.mark.parametrize("threads", [0, -1, 257, 9999, 2147483648, 10**30, "2", 0.5, 2.0, True, [1]])
def test_threads_are_a_whole_number_within_a_bound(threads: Any) -> None:
    for load in (lambda: Model(FakeEngine(), threads), lambda: Model("b5", threads)):
        with pytest.raises(ModelError) as caught:
            load()
        assert_one_sentence(caught.value, repr(threads), "give 1 or more", str(MAX_THREADS))


def test_no_more_runs_at_once_than_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = OnnxEngine(save(tmp_path / "m.onnx", (0, 0, 0), 0.5), SIZE, threads=1)
    session, lock, running, most = engine._session, threading.Lock(), 0, 0
    full = threading.Event()

    class Counting:
        def run(self, *args: Any) -> Any:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
                if running >= cores():
                    full.set()
            full.wait(10)
            result = session.run(*args)
            with lock:
                running -= 1
            return result

    monkeypatch.setattr(engine, "_session", Counting())
    with ThreadPoolExecutor(cores() + 8) as pool:
        answers = list(pool.map(lambda _: engine.alpha(noise(32, 16)).mean(), range(2 * cores() + 8)))

    assert most == cores()
    assert set(answers) == {0.5}


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_answer_that_is_not_finite_is_an_error(value: float, tmp_path: Path) -> None:
    engines = [FakeEngine(same_everywhere(value)), OnnxEngine(save(tmp_path / "m.onnx", (0, 0, 0), value), SIZE)]
    for engine in engines:
        with pytest.raises(ModelError) as caught:
            Model(engine).predict_alpha(noise(40, 30))
        assert_one_sentence(caught.value, "not finite", "export it again")


@pytest.mark.parametrize("shape", [(), (1,), (1, 1), (3, 5), (0, 0), (1, 512, 512)])
def test_an_answer_of_another_shape_is_an_error(shape: tuple[int, ...]) -> None:
    engine = FakeEngine(lambda width, height: np.zeros(shape, np.float32))
    with pytest.raises(ModelError) as caught:
        Model(engine).predict_alpha(noise(40, 30))
    assert_one_sentence(caught.value, "for a view of height x width", "export it again")


def graph(path: Path, nodes: list[Any], *, image: list[Any] | None = None) -> Path:
    """A file from "image" to "alpha"."""
    entry = helper.make_tensor_value_info("image", TensorProto.FLOAT, image or ["n", 3, "h", "w"])
    output = helper.make_tensor_value_info("alpha", TensorProto.FLOAT, ["n", 1, "h2", "w2"])
    made = helper.make_graph(nodes, "g", [entry], [output])
    path.write_bytes(
        helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()
    )
    return path


def test_a_file_that_answers_one_number_for_a_view_is_an_error(tmp_path: Path) -> None:
    mean = helper.make_node("ReduceMean", ["image"], ["alpha"], axes=[1, 2, 3], keepdims=1)
    engine = OnnxEngine(graph(tmp_path / "m.onnx", [mean]), SIZE)
    with pytest.raises(ModelError, match="1x1 for a view of height x width 16x32"):
        engine.alpha(noise(32, 16))


def test_a_run_that_fails_is_a_model_error(tmp_path: Path) -> None:
    channel = helper.make_node("ReduceMean", ["image"], ["grey"], axes=[1], keepdims=1)
    shape = helper.make_node("Constant", [], ["shape"], value_ints=[1, 1, 7, 7])
    nodes = [channel, shape, helper.make_node("Reshape", ["grey", "shape"], ["alpha"])]
    engine = OnnxEngine(graph(tmp_path / "m.onnx", nodes), SIZE)
    with pytest.raises(ModelError) as caught:
        engine.alpha(noise(32, 16))
    assert_one_sentence(caught.value, "fails on a view of 32x16", "export it again")


def test_a_file_without_inputs_is_refused(tmp_path: Path) -> None:
    output = helper.make_tensor_value_info("alpha", TensorProto.FLOAT, [1, 1, 1, 1])
    node = helper.make_node("Constant", [], ["alpha"], value=helper.make_tensor("v", 1, [1, 1, 1, 1], [0.5]))
    made = helper.make_model(helper.make_graph([node], "g", [], [output]), ir_version=9)
    (tmp_path / "m.onnx").write_bytes(made.SerializeToString())
    with pytest.raises(ModelError):
        onnx_engine.OnnxEngine(tmp_path / "m.onnx", SIZE)
