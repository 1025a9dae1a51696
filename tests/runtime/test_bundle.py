import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from pspm_runtime import DEFAULT_MODEL, ModelError
from pspm_runtime.bundle import MANIFEST, open_bundle, shipped

import pspm
from tests.runtime.pictures import assert_one_sentence


def test_default_model_is_shipped_first() -> None:
    assert shipped()[0] == DEFAULT_MODEL


def test_every_shipped_model_matches_its_manifest() -> None:
    for name in shipped():
        bundle = open_bundle(name)
        assert bundle.name == name
        assert bundle.size.fit(3000, 4000)[0] % bundle.size.multiple == 0
        assert len(bundle.mean) == len(bundle.std) == 3
        assert bundle.facts["licence"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of a bundle, for a test to damage."""
    folder = tmp_path / "copy"
    shutil.copytree(open_bundle("b5").model.parent, folder)
    return folder


def change_manifest(folder: Path, **facts: Any) -> None:
    manifest = folder / MANIFEST
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | facts))


def test_copied_bundle_opens_by_its_folder(copy: Path) -> None:
    assert open_bundle(copy).model == copy / "model.onnx"
    assert open_bundle(str(copy)).sha256 == open_bundle("b5").sha256


def test_flipped_bit_is_noticed(copy: Path) -> None:
    data = bytearray((copy / "model.onnx").read_bytes())
    data[len(data) // 2] ^= 1
    (copy / "model.onnx").write_bytes(data)
    with pytest.raises(ModelError) as caught:
        pspm.load(copy)
    assert_one_sentence(caught.value, "model.onnx", "damaged", "sha256", "install the package again")


def test_foreign_model_with_the_right_hash_is_refused(copy: Path) -> None:
    garbage = b"this is not a network\n" * 50
    (copy / "model.onnx").write_bytes(garbage)
    change_manifest(copy, sha256=hashlib.sha256(garbage).hexdigest())
    with pytest.raises(ModelError) as caught:
        pspm.load(copy)
    assert_one_sentence(caught.value, "model.onnx", "not a model", "export it again")


def test_missing_model_file(copy: Path) -> None:
    (copy / "model.onnx").unlink()
    with pytest.raises(ModelError) as caught:
        open_bundle(copy)
    assert_one_sentence(caught.value, "model.onnx", "cannot be read", "install the package again")


@pytest.mark.parametrize("text", [b"", b"not { json", b"[]", b"7", b"null", b"{}", b"\xff\xfe\x00"])
def test_manifest_that_is_none(tmp_path: Path, text: bytes) -> None:
    (tmp_path / MANIFEST).write_bytes(text)
    with pytest.raises(ModelError) as caught:
        open_bundle(tmp_path)
    assert_one_sentence(caught.value, MANIFEST, "not a manifest", "export the model again")


@pytest.mark.parametrize("key", ["name", "network", "file", "sha256", "input"])
def test_manifest_that_misses_a_key(tmp_path: Path, key: str) -> None:
    facts = dict(open_bundle("b5").facts)
    del facts[key]
    (tmp_path / MANIFEST).write_text(json.dumps(facts))
    with pytest.raises(ModelError) as caught:
        open_bundle(tmp_path)
    assert_one_sentence(caught.value, MANIFEST, key, "export the model again")


@pytest.mark.parametrize("key", ["size", "mean", "std"])
def test_manifest_whose_input_misses_a_key(tmp_path: Path, key: str) -> None:
    facts = dict(open_bundle("b5").facts)
    facts["input"] = {name: value for name, value in facts["input"].items() if name != key}
    (tmp_path / MANIFEST).write_text(json.dumps(facts))
    with pytest.raises(ModelError) as caught:
        open_bundle(tmp_path)
    assert_one_sentence(caught.value, MANIFEST, key, "export the model again")


@pytest.mark.parametrize("facts", [{"sha256": 5}, {"sha256": None}, {"file": 5}, {"input": "image"}])
def test_manifest_with_values_of_the_wrong_kind(copy: Path, facts: dict[str, Any]) -> None:
    change_manifest(copy, **facts)
    with pytest.raises(ModelError) as caught:
        open_bundle(copy)
    assert_one_sentence(caught.value, str(copy))


def test_folder_without_a_manifest(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        open_bundle(tmp_path)
    assert_one_sentence(caught.value, MANIFEST, "cannot be read", "point to the folder of a bundle")


@pytest.mark.parametrize("name", ["b6", "no/such/folder", "../weights/b55"])
def test_unknown_model_lists_those_that_exist(name: str) -> None:
    with pytest.raises(ModelError) as caught:
        pspm.load(name)
    assert_one_sentence(caught.value, name, *shipped())
