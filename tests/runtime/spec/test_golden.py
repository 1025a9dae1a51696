"""Python's results are the golden ones, and any constant that changes makes one of them differ."""

import importlib
import importlib.util
import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image
from pspm_runtime.bundle import DEFAULT_MODEL, open_bundle
from pspm_runtime.files.encoding.encode import encode
from pspm_runtime.spec.cases import groups_without_network, network_cases
from pspm_runtime.spec.constants_files import constants
from pspm_runtime.spec.pictures import noise

from tests.runtime.spec import golden

pytestmark = pytest.mark.slow

ANEW = "if that is meant, write them anew: python -m tests.runtime.spec.golden"
# Modules of stages that only Python has, with constants of their own.
MODULES = ("looks.merge", "stages.own_transparency", "stages.trimap")
# Which cases have a stage, or the stage of a module; others are in geometry_cases.
GROUPS = {
    **dict.fromkeys(("settle", "linear-models", "refine", "person", "own_transparency", "trimap"), "matte_cases"),
    **dict.fromkeys(("foreground", "cut-out", "disc-blur", "blur-background"), "effect_cases"),
    **dict.fromkeys(("smooth",), "live_cases"),
    **dict.fromkeys(("look-search", "look-matte"), "search_cases"),
    **dict.fromkeys(
        ("look-regions", "look-boxes", "look-weights", "look-share", "look-blend", "look-mirror", "merge"), "look_cases"
    ),
    "look-refine-by-colours": "look_cases",
}
# Constants of which no case sees a small change, and why.
UNSEEN = {
    "LEAST_WINDOW_WEIGHT": "it only keeps from a division by zero",
    "LEAST_CELL_WEIGHT": "it only keeps from a division by zero",
    "CLOSER_RUNS": "a limit that no photo of the cases reaches",
    "QUALITY": "of files, not of stages: test_jpegs_have_the_quality_of_the_specification",
    "looks.merge.STRIP": "rows that are worked on at a time, to save memory",
    "stages.own_transparency.STRIP": "rows that are worked on at a time, to save memory",
    "stages.trimap.UNKNOWN": "the grey between that stands for unknown, by definition",
    "stages.trimap.FOREGROUND": "white, by definition",
    "stages.trimap.BACKGROUND": "black, by definition",
}


@pytest.fixture(scope="module")
def expected() -> dict[str, list[float]]:
    content: dict[str, list[float]] = json.loads(golden.FILE.read_text())
    return content


def test_results_without_a_network_are_golden(expected: dict[str, list[float]]) -> None:
    bundle = open_bundle(DEFAULT_MODEL)
    found = {}
    for group in groups_without_network(bundle):
        for case in group():
            for name, array in case.outputs.items():
                key = f"{case.stage} {case.name} {name}"
                found[key] = golden.differs(golden.sketch(array), expected[key], array)
    assert [key for key, differs in found.items() if differs] == [], f"these results have changed; {ANEW}"
    assert len(found) > 100


def test_results_of_the_network_are_golden_nearly(expected: dict[str, list[float]]) -> None:
    names = set()
    for case in network_cases(open_bundle(DEFAULT_MODEL)):
        for name, array in case.outputs.items():
            key = f"{case.stage} {case.name} {name}"
            found = golden.coarse_sketch(array)
            assert found[0] == expected[key][0]
            assert found[1:] == pytest.approx(expected[key][1:], abs=golden.NETWORK), f"{key} has changed; {ANEW}"
            names.add(key)
    with_network = {key for key, numbers in expected.items() if len(numbers) == 3}
    assert names == with_network


def test_one_code_here_and_there_is_no_change_and_a_hundred_are() -> None:
    codes = np.random.default_rng(0).integers(0, 256, (300, 400), np.uint8)
    for number, differs in ((0, False), (6, False), (100, True)):
        moved = codes.copy().ravel()
        moved[np.random.default_rng(1).choice(moved.size, number, replace=False)] ^= 1
        assert golden.differs(golden.sketch(moved), golden.sketch(codes), codes) is differs, number
    numbers = np.random.default_rng(0).random((300, 400), np.float32)
    assert not golden.differs(golden.sketch(numbers * np.float32(1 + 1e-7)), golden.sketch(numbers), numbers)
    assert golden.differs(golden.sketch(numbers * np.float32(1 + 1e-5)), golden.sketch(numbers), numbers)


def test_jpegs_have_the_quality_of_the_specification() -> None:
    image = Image.fromarray(noise(64, 48))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=92)
    with Image.open(io.BytesIO(encode(image, ".jpg"))) as ours, Image.open(file) as wanted:
        assert ours.quantization == wanted.quantization  # type: ignore[attr-defined]


def _own_constants() -> Iterator[str]:
    """The names of the numbers in the modules of stages that only Python has."""
    for module in MODULES:
        members = vars(importlib.import_module(f"pspm_runtime.{module}"))
        shared = {constant.name for constant in constants()}
        for name, value in members.items():
            if (
                name.isupper()
                and not name.startswith("_")
                and isinstance(value, int | float | np.floating)
                and name not in shared
            ):
                yield f"{module}.{name}"


@pytest.mark.parametrize("name", [*(one.name for one in constants() if "python" in one.values), *_own_constants()])
def test_a_constant_that_changes_by_a_fiftieth_changes_a_result(name: str, expected: dict[str, list[float]]) -> None:
    if name in UNSEEN:
        pytest.skip(UNSEEN[name])
    module, _, constant = name.rpartition(".")
    assert any(_is_seen(module or "constants", constant, way, expected) for way in (1, -1))


def _is_seen(module: str, name: str, way: int, expected: dict[str, list[float]]) -> bool:
    """Whether a result differs if a constant is 2 % larger or smaller, or by one if it is a whole number."""
    with _fresh_modules():
        holder = _constants_alone() if module == "constants" else importlib.import_module(f"pspm_runtime.{module}")
        value = getattr(holder, name)
        setattr(holder, name, value + way if isinstance(value, int) else value * type(value)(1 + 0.02 * way))
        bundle = importlib.import_module("pspm_runtime.bundle").open_bundle(DEFAULT_MODEL)
        groups = importlib.import_module("pspm_runtime.spec.cases").groups_without_network(bundle)
        stage = next((one.stage for one in constants() if one.name == name), "")
        stage = stage or (module if module in GROUPS else module.rpartition(".")[2])
        return any(
            golden.differs(golden.sketch(array), expected[f"{case.stage} {case.name} {output}"], array)
            for group in groups
            if GROUPS.get(stage, "decision_cases" if stage.startswith("look-") else "geometry_cases") == group.__name__
            for case in group()
            for output, array in case.outputs.items()
        )


def _constants_alone() -> ModuleType:
    """The module of the constants, imported before the package, whose modules take the constants from it."""
    path = Path(golden.__file__).parents[3] / "runtime/pspm_runtime/constants.py"
    spec = importlib.util.spec_from_file_location("pspm_runtime.constants", path)
    assert spec
    assert spec.loader
    sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def _fresh_modules() -> Iterator[None]:
    """The runtime's modules are imported anew inside, and those from before are back after it."""
    kept = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "pspm_runtime"}
    for name in kept:
        del sys.modules[name]
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == "pspm_runtime"]:
            del sys.modules[name]
        sys.modules.update(kept)
