"""Folders that come with their own split, as Portrait-2k is published: training/ and testing/, NAME_matting beside."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from pspm_runtime.stages.network_view import InputSize

from pspm.data.folders.sources import Sources
from pspm.data.folders.split import held_back, training_pairs, validation_pairs
from pspm.evaluation.datasets import find_cases
from pspm.training.validation_set import ValidationSet

# Ids of the held-out portraits of another data set, which Portrait-2k's numbers may repeat.
TAKEN = sorted(held_back("portraits"))[:2]


def portrait_2k(root: Path) -> Path:
    """Five training and two testing portraits, 40 x 32."""
    for folder, names in (("training", [*TAKEN, "00003", "00004", "00005"]), ("testing", ["00001", "00002"])):
        (root / folder).mkdir(parents=True)
        for i, name in enumerate(names):
            alpha = np.zeros((40, 32), np.uint8)
            alpha[10:30, 8 : 16 + i] = 255
            cv2.imwrite(str(root / folder / f"{name}.png"), np.full((40, 32, 3), 50 * i, np.uint8))
            cv2.imwrite(str(root / folder / f"{name}_matting.png"), alpha)
    return root


@pytest.mark.parametrize("below", [".", "portraits"])
def test_the_authors_split_divides_training_and_validation(tmp_path: Path, below: str) -> None:
    root = portrait_2k(tmp_path / below)
    sources = Sources.find(tmp_path)
    assert [pair.image.stem for pair in sources.photos] == sorted([*TAKEN, "00003", "00004", "00005"])
    assert {pair.image.parent for pair in sources.photos} == {root / "training"}
    sources.check()
    (cases,) = find_cases(tmp_path).values()
    assert [case.name for case in cases] == ["00001", "00002"]
    image, alpha = cases[1].read()
    assert image[0, 0].tolist() == [50, 50, 50]
    assert alpha.sum() == 20 * 9
    validation = ValidationSet(tmp_path, InputSize(32, 32, 64))
    assert len(validation) == 2


def test_without_a_split_of_its_own_a_folder_has_ours(tmp_path: Path) -> None:
    root = portrait_2k(tmp_path / "elsewhere") / "training"
    renamed = root.rename(tmp_path / "portraits")
    assert [pair.image.stem for pair in validation_pairs(renamed)] == TAKEN
    assert [pair.image.stem for pair in training_pairs(renamed)] == ["00003", "00004", "00005"]
