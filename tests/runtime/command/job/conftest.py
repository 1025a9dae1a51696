from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pspm_runtime.command.cli import main

from tests.runtime.fake_engine import FakeEngine
from tests.runtime.pictures import encoded, gradient

JPEG = encoded(Image.fromarray(gradient(120, 100)), "JPEG")
Batch = Callable[..., tuple[int, str]]


@pytest.fixture(autouse=True)
def engine(fake_engine: FakeEngine) -> FakeEngine:
    return fake_engine


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return make(tmp_path / "in", "a.jpg", "b.png", "sub/c.jpg")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def batch(capsys: pytest.CaptureFixture[str]) -> Batch:
    """Run the command; its exit code and what it printed to standard error."""

    def run(*arguments: Any, effect: str = "alpha") -> tuple[int, str]:
        code = main(["batch", *map(str, arguments), "--effect", effect])
        return code, capsys.readouterr().err

    return run


def make(folder: Path, *names: str) -> Path:
    """Photos of these names; a different one for each."""
    for i, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(JPEG + bytes(i))
    return folder
