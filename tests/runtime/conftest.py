from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pspm_runtime
import pytest
from hypothesis import settings
from pspm_runtime import Model
from pspm_runtime import model as model_module
from pspm_runtime.files.sample import sample_photo

import pspm
from tests.runtime.fake_engine import FakeEngine

settings.register_profile("runtime", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("runtime")


@pytest.fixture(scope="session")
def model() -> Model:
    return pspm.load("b5", threads=2)


@pytest.fixture(scope="session")
def astronaut() -> Path:
    return sample_photo()


@pytest.fixture(scope="session")
def astronaut_alpha(model: Model, astronaut: Path) -> np.ndarray:
    return model.predict_alpha(astronaut)


@pytest.fixture
def fake_engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    """The engine of every model that is opened, from Python or by the command line."""
    engine = FakeEngine()
    monkeypatch.setattr(model_module, "open_engine", lambda *_: engine)
    pspm_runtime.default_model.cache_clear()
    yield engine
    pspm_runtime.default_model.cache_clear()


@pytest.fixture
def fake_model(fake_engine: FakeEngine) -> Model:
    return Model(fake_engine)
