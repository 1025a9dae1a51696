"""The constants of every language are those of the specification."""

import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pspm_runtime.spec import constants_files
from pspm_runtime.spec.stages import specification

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("path", [path.relative_to(ROOT) for path in constants_files.constants_files(ROOT)], ids=str)
def test_a_file_holds_what_the_specification_says(path: Path) -> None:
    wanted = constants_files.constants_files(ROOT)[ROOT / path]
    assert (ROOT / path).read_text() == wanted, f"{path} is not what stages.toml says; run make constants"


def test_python_has_the_values_exactly() -> None:
    module = importlib.import_module("pspm_runtime.constants")
    assert np.float32(4) / np.float32(255) == module.HAZE
    assert module.HAZE.dtype == module.STILL.dtype == np.float32
    assert module.FAR == 1 / 24
    assert module.LARGEST_RADIUS == 0.035
    assert (module.CELLS, type(module.CELLS)) == (24, int)


def test_every_constant_belongs_to_a_stage_and_says_what_it_is() -> None:
    stages = {stage.name for stage in specification().stages}
    for constant in constants_files.constants():
        assert constant.stage in stages | {"save"}, constant.name
        assert constant.about.endswith("."), constant.name


def test_every_own_tolerance_has_a_reason() -> None:
    for stage in specification().stages:
        common = {(one.mean, one.largest) for one in stage.platforms.values() if not one.why}
        assert len(common) <= 1, f"{stage.name} has a tolerance of its own without a reason"
        assert all(one.excused == "" or one.excused.endswith(".") for one in stage.platforms.values())


def test_the_files_are_written_without_importing_the_package(tmp_path: Path) -> None:
    script = Path(constants_files.__file__)
    shaders = tmp_path / "ios_demo/PortraitMatting/Sources/PortraitMatting/Shaders.metal"
    for path in constants_files.constants_files(ROOT):
        (tmp_path / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
    shaders.write_text(f"before\n{constants_files.FIRST}old\n{constants_files.LAST}after\n")
    # -S: no package is found; -I: neither is one in the working folder.
    done = subprocess.run([sys.executable, "-IS", script, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "runtime/pspm_runtime/constants.py").read_text().count("\nHAZE = np.float32(4.0 / 255.0)\n") == 1
    assert shaders.read_text().startswith(f"before\n{constants_files.FIRST}// ")
    assert shaders.read_text().endswith(f"{constants_files.LAST}after\n")
