"""The training samples and the validation split, on the real data where it is at hand."""

import os
from pathlib import Path

import numpy as np
import pytest

from pspm.data.augment import random_camera, random_colour, random_crop
from pspm.data.pairs import list_pairs, list_pictures, read_rgb
from pspm.data.portraits import PortraitSamples, composite
from pspm.data.split import held_back
from pspm.evaluation.validation import SETS, held_back_pictures

DATA = Path(os.environ.get("PSPM_DATA", "../shared/data"))
needs_data = pytest.mark.skipif(
    not (DATA / "portraits").is_dir(), reason=f"the training data is not at {DATA}; set PSPM_DATA to its folder"
)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_the_split_holds_back_every_kind() -> None:
    sizes = {kind: len(held_back(kind)) for kind in ("portraits", "cutouts", "backgrounds")}
    assert sizes == {"portraits": 125, "cutouts": 30, "backgrounds": 30}
    assert held_back("people") == frozenset()


def test_a_composite_is_the_matting_equation() -> None:
    alpha = np.array([[0, 0.25, 1]], np.float32)
    foreground, background = np.full((1, 3, 3), 0.8, np.float32), np.full((1, 3, 3), 0.4, np.float32)
    assert composite(alpha, foreground, background)[0, :, 0] == pytest.approx([0.4, 0.5, 0.8])


def test_a_crop_takes_the_same_view_of_picture_and_matte() -> None:
    ramp = np.tile(np.arange(200, dtype=np.uint8), (150, 1))
    picture, matte = random_crop(rng(), [np.repeat(ramp[..., None], 3, 2), ramp], 64, border=0)
    assert picture.shape == (64, 64, 3)
    assert np.array_equal(picture[..., 0], matte)
    assert matte.std() > 5


@pytest.mark.parametrize("seed", range(20))
def test_colours_stay_in_range_and_finite(seed: int) -> None:
    generator = np.random.default_rng(seed)
    image = generator.random((32, 32, 3), np.float32)
    for change in (random_colour, random_camera):
        image = change(generator, image)
        assert image.dtype == np.float32
        assert np.isfinite(image).all()
        assert 0 <= image.min() <= image.max() <= 1


def test_a_folder_without_pictures_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=str(tmp_path)):
        list_pictures(tmp_path)


def test_a_picture_without_its_matte_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    with pytest.raises(FileNotFoundError, match=r"a\.png"):
        list_pairs(tmp_path, tmp_path)


def test_a_picture_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"a\.jpg"):
        read_rgb(tmp_path / "a.jpg")


@needs_data
def test_a_sample_is_the_same_whenever_it_is_drawn() -> None:
    first, again = (PortraitSamples(DATA, 64, 100, seed=3) for _ in range(2))
    for i in (0, 7, 99):
        assert all(np.array_equal(a, b) for a, b in zip(first[i], again[i], strict=True))
    assert not np.array_equal(first[0][0], PortraitSamples(DATA, 64, 100, seed=4)[0][0])


@needs_data
def test_samples_are_in_the_networks_range() -> None:
    samples = PortraitSamples(DATA, 64, 100, seed=0)
    for i in range(12):
        image, alpha = samples[i]
        assert image.shape == (3, 64, 64)
        assert alpha.shape == (1, 64, 64)
        assert -1 <= image.min() <= image.max() <= 1
        assert 0 <= alpha.min() <= alpha.max() <= 1


@needs_data
def test_training_never_sees_what_is_held_back() -> None:
    samples = PortraitSamples(DATA, 64, 1, seed=0)
    photos = {pair.image.stem for pair in samples.photos if "portraits" in pair.image.parts}
    assert not photos & held_back("portraits")
    assert not {pair.image.stem for pair in samples.cutouts} & held_back("cutouts")
    assert not {path.stem for path in samples.backgrounds} & held_back("backgrounds")


@needs_data
@pytest.mark.parametrize("name", SETS)
def test_validation_shows_what_is_held_back(name: str) -> None:
    identifier, image, alpha = next(held_back_pictures(DATA, name))
    assert identifier in held_back(name)
    assert image.shape == (*alpha.shape, 3)
    assert alpha.min() == 0
    assert alpha.max() == 1
