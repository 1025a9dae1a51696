"""Every published layout is read, and another one is answered in one sentence."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pspm.tasks.by_name import task_named
from pspm.tasks.denoising.layout import find_pictures
from pspm.tasks.depth.layouts import find_nyuv2
from pspm.tasks.detection.layout import find_coco
from pspm.tasks.segmentation.layouts import IGNORED, find_ade20k, find_sun_rgbd
from pspm.tasks.task import Options
from tests.pspm.tasks import published

ADE_LABELS = "ADEChallengeData2016/annotations/validation"
SUN_LABELS = "sunrgbd_train_test_labels"


def test_bsd_and_set12_are_found_where_their_authors_put_them(tmp_path: Path) -> None:
    train, tests = find_pictures(published.write_denoising(tmp_path))
    assert [path.name for path in train] == ["test_000.png", "test_001.png", "test_002.png"]
    assert {name: len(paths) for name, paths in tests.items()} == {"BSD68": 1, "Set12": 2}
    task = task_named("denoise")
    pictures = task.read(task.recipes["short"], Options(tmp_path, sigma=15))
    assert pictures.what == "sigma 15; 15 patches of 3 pictures to train, 1 of BSD68 to test, 2 of Set12 to test"


def test_any_pictures_are_divided_by_picture(tmp_path: Path) -> None:
    for i in range(4):
        published.picture(tmp_path / f"{i}.jpg", 100)
    train, tests = find_pictures(tmp_path)
    assert [path.stem for path in train] == ["0", "1", "3"]
    assert [path.stem for path in tests[tmp_path.name]] == ["2"]


def test_ade20k_has_150_classes_and_pixels_of_none(tmp_path: Path) -> None:
    found = find_ade20k(published.write_ade20k(tmp_path))
    assert found is not None
    assert (len(found.train), len(found.test), found.test.classes) == (1, 1, 150)
    label = found.test[0].label
    assert (label[0, 0], label[-1, 0], label[0, -1]) == (IGNORED, 0, 149)


def test_sun_rgbd_is_read_in_both_forms(tmp_path: Path) -> None:
    extracted = find_sun_rgbd(published.write_sun_extracted(tmp_path / "a"))
    assert extracted is not None
    assert [(int(p.image.max()), int(p.label[0, 0])) for p in extracted.test] == [(10, 0), (20, 1)]
    assert [(int(p.image.max()), int(p.label[0, 0])) for p in extracted.train] == [(30, 2)]
    lists = find_sun_rgbd(published.write_sun_reorganised(tmp_path / "b"))
    assert lists is not None
    assert (lists.train[0].label[0, 0], lists.test[0].label[0, 0], lists.test.classes) == (36, 4, 37)


def test_nyu_depth_is_read_in_three_forms(tmp_path: Path) -> None:
    labeled = find_nyuv2(published.write_nyu_labeled(tmp_path / "a"))
    assert labeled is not None
    assert [int(p.label[0, 0]) for p in labeled.train] == [1, 2, 4]
    (test,) = labeled.test
    # MATLAB's file has columns first.
    assert test.image.shape == (6, 8, 3)
    assert (test.image[2, 5, 2], test.label[2, 5], test.label[0, 0]) == (9, 9, 3)
    files = find_nyuv2(published.write_nyu_h5(tmp_path / "b"))
    assert files is not None
    assert (files.train[0].label[0, 0], files.test[0].label[0, 0], files.test[0].image.shape) == (2, 3, (48, 64, 3))
    pictures = find_nyuv2(published.write_nyu_pictures(tmp_path / "c"))
    assert pictures is not None
    assert pictures.train[0].label[0, 0] == pictures.test[0].label[0, 0] == np.float32(1.5)


def test_coco_is_read_with_its_crowds_and_sparse_categories(tmp_path: Path) -> None:
    found = find_coco(published.write_coco(tmp_path))
    assert found is not None
    assert found.train is not None
    # The picture without objects is not trained on.
    assert (len(found.train), len(found.test), found.test.categories) == (1, 1, [1, 90])
    objects = found.test[0].objects
    assert objects.boxes.tolist() == [[2, 3, 12, 23], [30, 3, 50, 23]]
    assert objects.labels.tolist() == [2, 1]
    assert objects.crowd.tolist() == [False, True]
    task = task_named("detect")
    pictures = task.read(task.recipes["short"], Options(tmp_path))
    assert pictures.classes == 3
    assert pictures.train is not None
    assert pictures.train.sample(0, np.random.default_rng(0)).objects.labels.tolist() == [2]


@pytest.mark.parametrize(
    ("task", "write"),
    [
        ("denoise", None),
        ("segment", published.write_coco),
        ("depth", published.write_ade20k),
        ("detect", published.write_nyu_h5),
    ],
)
def test_another_layout_is_named_beside_what_was_expected(
    task: str, write: Callable[[Path], Path] | None, tmp_path: Path
) -> None:
    folder = write(tmp_path) if write else tmp_path
    chosen = task_named(task)
    with pytest.raises(FileNotFoundError, match=r"is in another layout; expected .*; found [^\n]*$") as raised:
        chosen.read(chosen.recipes["short"], Options(folder))
    found = str(raised.value).partition("found ")[2]
    assert found == (
        "nothing, the folder is empty" if write is None else ", ".join(sorted(f"{p.name}/" for p in folder.iterdir()))
    )


@pytest.mark.parametrize(
    ("task", "write", "damage", "said"),
    [
        ("segment", published.write_ade20k, f"{ADE_LABELS}/ADE_val_00000001.png", "has no labels; add"),
        ("segment", published.write_sun_extracted, f"{SUN_LABELS}/img-000002.png", "has 2 pictures of labels"),
        ("segment", published.write_sun_reorganised, "label37/test/l-1.png", "which does not exist"),
        ("detect", published.write_coco, "val2017/c.jpg", "which does not exist; download the pictures"),
    ],
)  # fmt: skip
def test_a_missing_file_is_named(
    task: str, write: Callable[[Path], Path], damage: str, said: str, tmp_path: Path
) -> None:
    (write(tmp_path) / damage).unlink()
    chosen = task_named(task)
    with pytest.raises(FileNotFoundError, match=said):
        chosen.read(chosen.recipes["short"], Options(tmp_path))


def test_damaged_files_are_named(tmp_path: Path) -> None:
    coco = published.write_coco(tmp_path / "coco")
    (coco / "annotations/instances_val2017.json").write_text("[]")
    with pytest.raises(ValueError, match=r"instances_val2017.json is not a file of COCO's objects"):
        find_coco(coco)
    nyu = published.write_nyu_labeled(tmp_path / "nyu")
    (nyu / "nyu_depth_v2_labeled.mat").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"labeled.mat is not an HDF5 file"):
        find_nyuv2(nyu)
    ade = published.write_ade20k(tmp_path / "ade")
    path = ade / "ADEChallengeData2016/annotations/validation/ADE_val_00000001.png"
    published.picture(path, 200)
    found = find_ade20k(ade)
    assert found is not None
    with pytest.raises(ValueError, match=r"ADE_val_00000001.png has a label outside its 150 classes"):
        found.test[0]
