"""Bundles made by hand: wrong values, and files that are not in the folder."""

import hashlib
import json
import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pspm_runtime import Model, ModelError
from pspm_runtime.bundle import MANIFEST, open_bundle
from pspm_runtime.stages.network_view import InputSize

from tests.runtime.engines.test_onnx import save
from tests.runtime.pictures import assert_one_sentence, noise

SIZE = {"side": 64, "multiple": 16, "longest": 128}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle of a network of one convolution."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    write(folder)
    return folder


def write(folder: Path, sides: tuple[object, object] = ("h", "w"), **changed: Any) -> None:
    file = save(folder / "model.onnx", (0.1, 0.1, 0.1), 0.5, sides)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    entry = {"name": "image", "mean": [0.5] * 3, "std": [0.5] * 3, "size": SIZE} | changed.pop("input", {})
    facts = {"name": "n", "network": "n", "file": "model.onnx", "format": "onnx", "sha256": sha256, "input": entry}
    (folder / MANIFEST).write_text(json.dumps(facts | changed))


def refused(folder: Path, *parts: str) -> None:
    with pytest.raises(ModelError) as caught:
        Model(folder, threads=1)
    assert_one_sentence(caught.value, *parts)


def test_a_bundle_made_by_hand_runs(bundle: Path) -> None:
    assert Model(bundle, threads=1).predict_alpha(noise(40, 30)).shape == (30, 40)


@pytest.mark.parametrize("value", [0, -1, 1.5, "64", None, [], True, 10**6, 10**30, float("nan"), float("inf")])
@pytest.mark.parametrize("key", ["side", "multiple", "longest"])
def test_size_rules_are_whole_numbers_of_pixels(bundle: Path, key: str, value: object) -> None:
    write(bundle, input={"size": SIZE | {key: value}})
    refused(bundle, MANIFEST, key, "export the model again")


@pytest.mark.parametrize(
    "sizes",
    [
        *([], [{}], [None], None, 5, "x", {}),
        *([{"width": 0, "height": 5}], [{"width": -5, "height": 5}], [{"width": "a", "height": 5}]),
        *([{"width": 10**5, "height": 10**5}], [{"width": 5, "height": 5, "depth": 5}]),
    ],
)
def test_sizes_are_widths_and_heights(bundle: Path, sizes: object) -> None:
    write(bundle, input={"size": SIZE | {"sizes": sizes}})
    refused(bundle, MANIFEST, "export the model again")


@pytest.mark.parametrize(
    "more",
    [
        *({"overlap": 16, "enlarge_to": value} for value in (0, -1, 1.5, "64", None, True, 10**6)),
        {"enlarge_to": 128},
        {"overlap": 33},
        {"overlap": 0},
    ],
)
def test_tiles_overlap_and_photos_are_enlarged_by_whole_numbers(bundle: Path, more: dict[str, Any]) -> None:
    write(bundle, input={"size": SIZE | more})
    refused(bundle, MANIFEST, next(reversed(more)), "export the model again")


def test_the_rule_of_tiles_is_read(bundle: Path) -> None:
    write(bundle, input={"size": SIZE | {"overlap": 16, "enlarge_to": 128}})
    assert open_bundle(bundle).size == InputSize(64, 16, 128, overlap=16, enlarge_to=128)


@pytest.mark.parametrize(
    "std", [[0, 0, 0], [0.5, 0, 0.5], [-1] * 3, [1e-320] * 3, [1e308] * 3, [float("nan")] * 3, [float("inf")] * 3]
)
def test_deviations_of_zero_negative_or_not_finite_are_refused(bundle: Path, std: object) -> None:
    write(bundle, input={"std": std})
    refused(bundle, MANIFEST, "std must be three numbers")


@pytest.mark.parametrize("key", ["mean", "std"])
@pytest.mark.parametrize(
    "values", [[], [1], [1, 2, 3, 4], "abc", None, [None] * 3, ["1"] * 3, [[1]] * 3, [True] * 3, {}]
)
def test_channels_are_three_numbers(bundle: Path, key: str, values: object) -> None:
    write(bundle, input={key: values})
    refused(bundle, MANIFEST, f"{key} must be three numbers")


@pytest.mark.parametrize("value", [None, 1, [], {}, 1e300, True, ""])
@pytest.mark.parametrize("key", ["name", "network", "file", "sha256", "format", "input", "trimap"])
def test_values_of_another_type_are_refused(bundle: Path, key: str, value: object) -> None:
    if key == "input":
        (bundle / MANIFEST).write_text(json.dumps(json.loads((bundle / MANIFEST).read_text()) | {"input": value}))
    else:
        write(bundle, **{key: value})
    refused(bundle, MANIFEST, "export the model again")


@pytest.mark.parametrize(
    "text", [b"[" * 100_000, b'{"input":' * 100_000, b"\xef\xbb\xbf{}", b'{"z":' + b"9" * 5000 + b"}"]
)
def test_manifests_that_python_cannot_read(bundle: Path, text: bytes) -> None:
    (bundle / MANIFEST).write_bytes(text)
    refused(bundle, MANIFEST, "export the model again")


def test_a_manifest_that_is_too_large(bundle: Path) -> None:
    (bundle / MANIFEST).write_bytes(b" " * (1 << 21))
    refused(bundle, MANIFEST, "too large")


def test_a_file_of_another_size_than_the_manifest_says_is_refused_at_load(bundle: Path) -> None:
    write(bundle, (64, 64))
    refused(bundle, "takes 64x64 pixels", "other sizes")
    write(bundle, (32, 64), input={"size": SIZE | {"sizes": [{"width": 32, "height": 64}]}})
    refused(bundle, "takes 64x32 pixels", "other sizes")


@pytest.mark.parametrize("size", [SIZE | {"sizes": [{"width": 64, "height": 32}]}, dict.fromkeys(SIZE, 32)])
def test_a_file_of_the_size_that_the_manifest_says_runs(bundle: Path, size: dict[str, Any]) -> None:
    write(bundle, (32, 64) if "sizes" in size else (32, 32), input={"size": size})
    assert Model(bundle, threads=1).predict_alpha(noise(40, 30)).shape == (30, 40)


@pytest.mark.parametrize(
    "file",
    ["../outside.onnx", "/etc/passwd", "/dev/zero", ".", "..", "a/../../x", "./model.onnx", "C:\\x", "a\0b", "a//b"],
)
def test_files_are_named_inside_the_folder(bundle: Path, file: str) -> None:
    (bundle.parent / "outside.onnx").write_bytes((bundle / "model.onnx").read_bytes())
    write(bundle, file=file)
    refused(bundle, MANIFEST, "in the bundle's folder")


def test_a_link_out_of_the_folder_is_refused(bundle: Path) -> None:
    outside = shutil.move(bundle / "model.onnx", bundle.parent / "outside.onnx")
    (bundle / "model.onnx").symlink_to(outside)
    refused(bundle, "model.onnx", "not a file inside the bundle's folder")


def test_a_link_within_the_folder_is_followed(bundle: Path) -> None:
    shutil.move(bundle / "model.onnx", bundle / "weights.bin")
    (bundle / "model.onnx").symlink_to("weights.bin")
    assert open_bundle(bundle).size == InputSize(64, 16, 128)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
@pytest.mark.parametrize("name", ["model.onnx", MANIFEST])
def test_pipes_devices_and_loops_are_refused_before_they_are_opened(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    os.mkfifo(bundle / name)
    refused(bundle, name, "not a file inside")
    (bundle / name).unlink()
    for target in ("/dev/zero", name):
        (bundle / name).symlink_to(target)
        refused(bundle, name)
        (bundle / name).unlink()


def test_a_folder_of_a_core_ml_bundle_holds_no_links_out(bundle: Path) -> None:
    package = bundle / "model.mlpackage"
    package.mkdir()
    (package / "weights").symlink_to("/etc/passwd")
    write(bundle, file=package.name, format="coreml")
    refused(bundle, "model.mlpackage", "not a file inside")


@pytest.mark.parametrize("model", [None, 7, b"mobile", ["mobile"], "a\0b", "~no-such-user", ""])
def test_odd_models(model: Any) -> None:
    with pytest.raises(ModelError):
        Model(model)


def test_home_is_expanded_in_a_models_folder(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(bundle.parent))
    assert open_bundle("~/bundle").name == "n"


@pytest.mark.parametrize("limit", [None, "200", 0, -1, float("nan"), True])
def test_odd_limits(bundle: Path, limit: Any) -> None:
    from pspm_runtime import PspmError

    with pytest.raises(PspmError) as caught:
        Model(bundle, max_megapixels=limit)
    assert_one_sentence(caught.value, "max_megapixels", repr(limit))


def test_a_model_is_pickled_by_its_bundle(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(bundle.parent)
    model = Model("bundle", threads=1, max_megapixels=7)
    data = pickle.dumps(model)
    monkeypatch.chdir("/")

    copy = pickle.loads(data)  # noqa: S301

    assert len(data) < 1000
    assert copy.max_megapixels == 7
    assert np.array_equal(copy.predict_alpha(noise(40, 30)), model.predict_alpha(noise(40, 30)))


def test_a_shipped_model_is_pickled_by_its_name() -> None:
    assert b"weights" not in pickle.dumps(Model("mobile", threads=1))
