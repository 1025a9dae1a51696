"""The test vectors are complete, documented, and equal to what the runtime computes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pspm_runtime import load
from pspm_runtime.command.cli import main
from pspm_runtime.errors import OutputError
from pspm_runtime.spec import vectors
from pspm_runtime.spec.geometry_cases import SIDE
from pspm_runtime.spec.look_cases import PEOPLE, PHOTO
from pspm_runtime.spec.stages import specification
from pspm_runtime.stages.refine import refine

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vectors") / "new" / "vectors"
    assert main(["vectors", "-o", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def cases(written: Path) -> dict[tuple[str, str], dict[str, Any]]:
    index = json.loads((written / vectors.INDEX).read_text())
    return {(case["stage"], case["name"]): case for case in index["cases"]}


def read(folder: Path, tensor: dict[str, Any]) -> np.ndarray:
    dtype = np.dtype(tensor["dtype"]).newbyteorder("<")
    return np.fromfile(folder / tensor["file"], dtype).reshape(tensor["shape"])


def test_every_stage_is_there_and_every_file_is_named(
    written: Path, cases: dict[tuple[str, str], dict[str, Any]]
) -> None:
    assert {stage for stage, _ in cases} == {stage.name for stage in specification().stages}
    named = set()
    for case in cases.values():
        assert case["inputs"]
        for value in case["parameters"].values():
            assert np.asarray(value).dtype.kind in "if", "apps expect numbers and lists of numbers"
        assert case["outputs"]
        for tensor in (*case["inputs"].values(), *case["outputs"].values()):
            assert tensor["dtype"] in ("uint8", "int32", "float32", "float64")
            array = read(written, tensor)
            assert np.isfinite(array).all()
            named.add(tensor["file"])
    assert {path.name for path in written.iterdir()} == {*named, vectors.INDEX}


def test_the_index_names_the_file_that_made_the_mattes(written: Path) -> None:
    bundle = load().bundle
    index = json.loads((written / vectors.INDEX).read_text())
    assert index["model"] == {"name": bundle.name, "sha256": bundle.sha256}


def test_the_index_says_what_every_platform_is_allowed(written: Path) -> None:
    stages = json.loads((written / vectors.INDEX).read_text())["stages"]
    assert stages["settle"]["kotlin"] == {"mean": 1e-6, "largest": 1e-6}
    assert stages["orient"]["web"]["excused"].startswith("The browser turns photos upright")
    for stage in specification().stages:
        assert set(stages[stage.name]) == {"range", *specification().platforms}


def test_no_stage_returns_its_input(cases: dict[tuple[str, str], dict[str, Any]]) -> None:
    unchanged = {("blur-background", "disc-0.02"), ("blur-background", "disc-0.0366"), ("orient", "1")}
    for key, case in cases.items():
        given = {tensor["file"] for tensor in case["inputs"].values()}
        made = {tensor["file"] for tensor in case["outputs"].values()}
        if key[0] not in ("fit", "statistics", "refine", "own-transparency"):
            assert bool(given & made) == (key in unchanged), key


def test_the_tensors_are_what_the_runtime_computes(written: Path, cases: dict[tuple[str, str], dict[str, Any]]) -> None:
    network, refined = cases["network", "portrait"], cases["refine", "portrait"]
    view = Image.fromarray(read(written, network["inputs"]["view"]))
    alpha = load().engine.alpha(np.asarray(view))
    photo = Image.fromarray(read(written, refined["inputs"]["image"]))

    assert np.array_equal(read(written, network["outputs"]["alpha"]), alpha)
    assert np.array_equal(read(written, refined["outputs"]["matte"]), np.asarray(refine(alpha, view, photo)))
    assert 0.1 < alpha.mean() < 0.9
    assert max(view.size) <= 2 * SIDE < max(photo.size) + 1


def test_writing_again_replaces_and_gives_the_same_bytes(written: Path) -> None:
    before = {path.name: path.read_bytes() for path in written.iterdir()}
    vectors.write_vectors(written)
    assert {path.name: path.read_bytes() for path in written.iterdir()} == before
    assert [path.name for path in written.parent.iterdir()] == [written.name]


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "precious").write_text("mine")
    with pytest.raises(OutputError, match="holds something else; name a new folder"):
        vectors.write_vectors(tmp_path)
    assert main(["vectors", "-o", str(tmp_path / "precious")]) == 1
    assert "holds something else" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]


def test_looks_find_people_and_merge(written: Path, cases: dict[tuple[str, str], dict[str, Any]]) -> None:
    boxes = {name: read(written, cases["look-boxes", name]["outputs"]["boxes"]) for name in PEOPLE}
    found = {name: len(read(written, cases["look-regions", name]["outputs"]["boxes"])) for name in PEOPLE}

    assert found == {name: len(people) for name, people in PEOPLE.items()}
    numbers = {"one-large": 0, "nobody": 0, "one-small": 1, "far-apart": 2}
    assert {name: len(boxes[name]) for name in numbers} == numbers
    by_luma, by_colours = (read(written, cases["look-merge", name]["outputs"]["matte"]) for name in ("luma", "colours"))
    assert by_luma.shape == by_colours.shape == PHOTO[::-1]
    assert (by_luma != by_colours).any()
