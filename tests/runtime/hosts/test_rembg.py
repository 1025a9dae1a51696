"""The session for rembg, with the part of rembg that it uses. `make hosts-check` runs it in rembg itself."""

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image
from pspm_runtime import ModelError, PspmError, load

import pspm.rembg
from tests.runtime.pictures import assert_one_sentence, gradient


class BaseSession:
    """As rembg's: it loads a file at once, which ours must not do."""

    def __init__(self, model_name: str, options: object) -> None:
        raise AssertionError


@pytest.fixture
def rembg(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("rembg", "rembg.sessions", "rembg.sessions.base"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    sys.modules["rembg.sessions.base"].BaseSession = BaseSession  # type: ignore[attr-defined]


@pytest.mark.usefixtures("rembg")
def test_the_session_makes_the_matte_of_the_model(astronaut: Path) -> None:
    session = pspm.rembg.session(threads=1, quality="fast")

    with Image.open(astronaut) as photo:
        (matte,) = session.predict(photo, anything="else")

    assert isinstance(session, BaseSession)
    assert np.array_equal(matte, load("mobile", threads=1, quality="fast").matte(astronaut))
    assert session.name() == session.model_name == "pspm"
    assert Path(session.download_models()).is_file()


@pytest.mark.usefixtures("rembg")
def test_it_takes_what_rembg_passes_on() -> None:
    session = pspm.rembg.session("mobile", threads=1, quality="fast")

    for mode in ("RGB", "RGBA", "L", "P", "CMYK"):
        (matte,) = session.predict(Image.fromarray(gradient(50, 40)).convert(mode))
        assert (matte.mode, matte.size) == ("L", (50, 40))


@pytest.mark.usefixtures("rembg")
def test_an_unknown_model_is_an_error() -> None:
    with pytest.raises(ModelError):
        pspm.rembg.session("u2net")


def test_without_rembg_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rembg", None)

    with pytest.raises(PspmError) as caught:
        pspm.rembg.session()
    assert_one_sentence(caught.value, "rembg", "pip install 'rembg[cpu]'")
