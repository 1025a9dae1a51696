from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image
from pspm_runtime import Model
from pspm_runtime import model as model_module
from pspm_runtime.files.sample import sample_photo

import pspm
from tests.runtime.pictures import disc

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
def fake_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that sees an ellipse in the middle of every photo, and costs nothing."""

    def network_alpha(_: Model, view: Image.Image) -> np.ndarray:
        return disc(*view.size)

    monkeypatch.setattr(model_module, "_session", lambda *_: None)
    monkeypatch.setattr(Model, "network_alpha", network_alpha)


@pytest.fixture
def fake_model(fake_network: None) -> Model:
    return pspm.load("b5")
