"""A library that is missing or broken costs only what it does."""

import sys
import zlib
from importlib import metadata, reload
from pathlib import Path

import numpy as np
import pspm_runtime
import pytest
from PIL import Image
from pspm_runtime import ModelError, PspmError, load, package_files
from pspm_runtime.benchmark.report import measure
from pspm_runtime.command.batch.progress import Progress
from pspm_runtime.files.encoding import deflate, encode_png

from tests.runtime.pictures import assert_one_sentence, noise


def test_without_onnx_runtime_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelError) as caught:
        load("mobile")
    assert_one_sentence(caught.value, "model.onnx runs in ONNX Runtime", "pip install onnxruntime")


def test_without_isal_zlib_compresses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "isal", None)
    assert reload(deflate).fast_zlib is zlib
    monkeypatch.setattr(encode_png, "fast_zlib", deflate.fast_zlib)
    image = Image.fromarray(noise(40, 30))

    (tmp_path / "a.png").write_bytes(encode_png.encode_png(image))

    with Image.open(tmp_path / "a.png") as read:
        assert np.array_equal(read, image)
    monkeypatch.undo()
    assert reload(deflate).fast_zlib.__name__ == "isal.isal_zlib"


def test_without_tqdm_there_is_no_progress_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Progress(lambda: [1, 2], shown=True) as progress:
        progress.advance()


@pytest.fixture
def no_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(package: str) -> str:
        raise metadata.PackageNotFoundError(package)

    monkeypatch.setattr(package_files, "version", version)


@pytest.mark.usefixtures("no_metadata")
def test_without_metadata_the_version_is_unknown() -> None:
    assert pspm_runtime.__version__ == "unknown"


@pytest.mark.usefixtures("no_metadata")
def test_bench_needs_an_installed_package() -> None:
    with pytest.raises(PspmError) as caught:
        measure("mobile", 1, 0.1, 1)
    assert_one_sentence(caught.value, "measures an installed PSPM", "install it with pip")
