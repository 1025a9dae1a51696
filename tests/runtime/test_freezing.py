"""The hook for PyInstaller. `.ci/frozen_check` builds and runs programs with it."""

import runpy
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

import pytest
from pspm_runtime.bundle import shipped

pytestmark = pytest.mark.slow


def test_pyinstaller_finds_the_hook_and_the_hook_what_a_program_needs() -> None:
    (entry,) = [entry for entry in entry_points(group="pyinstaller40") if entry.module.startswith("pspm")]
    (folder,) = entry.load()()
    hook = runpy.run_path(str(Path(folder) / "hook-pspm_runtime.py"))

    files = {f"{target}/{Path(source).name}" for source, target in hook["datas"]}
    for name in shipped():
        assert {f"pspm_runtime/weights/{name}/{file}" for file in ("manifest.json", "model.onnx")} <= files
    assert "pspm_runtime/sample/astronaut.jpg" in files
    folders = {Path(target).name.partition("-")[0] for _, target in hook["datas"] if target.endswith(".dist-info")}
    assert {"pspm", "numpy", "onnxruntime", "pillow", "isal"} <= folders
    modules = set(hook["hiddenimports"])
    assert {"pspm_runtime.spec.vectors", "pspm_runtime.engines.onnx", "isal.igzip_lib"} <= modules
    assert not [name for name in modules if name.startswith("pspm_runtime.freezing") or find_spec(name) is None]
