from dataclasses import replace

import pytest
from pspm_runtime import ModelError
from pspm_runtime.bundle import DEFAULT_MODEL, open_bundle
from pspm_runtime.engines.onnx import OnnxEngine
from pspm_runtime.engines.open_engine import open_engine

from tests.runtime.pictures import assert_one_sentence


def test_a_shipped_model_runs_in_onnx_runtime() -> None:
    bundle = open_bundle(DEFAULT_MODEL)
    engine = open_engine(bundle, threads=1)

    assert isinstance(engine, OnnxEngine)
    assert engine.size == bundle.size
    assert engine.takes_trimap == bundle.takes_trimap is False


def test_a_format_that_does_not_run_here_is_refused() -> None:
    bundle = replace(open_bundle(DEFAULT_MODEL), format="coreml")

    with pytest.raises(ModelError) as caught:
        open_engine(bundle)
    assert_one_sentence(caught.value, str(bundle.model), "coreml", "export it to onnx")
