"""Small people, turned pictures, and hard light and files in training samples."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from pspm.data.folders.pairs import Pair
from pspm.data.folders.sources import Sources
from pspm.data.samples.augment import Picture, apply_effects, hard_camera, random_light, render, thumbnail
from pspm.data.samples.batch import collate
from pspm.data.samples.dataset import TrainingDataset, source_shares
from pspm.data.samples.random_crop import turn
from pspm.data.samples.sample_options import Mixture
from pspm.data.samples.sample_rng import SampleRng, draw_numbers
from pspm.data.samples.scene import BEYOND, HEIGHTS, place, random_scene


def ellipse(height: int = 200, width: int = 160) -> tuple[np.ndarray, np.ndarray]:
    """A red person whose opaque pixels are 161 high and 81 wide."""
    alpha = np.zeros((height, width), np.uint8)
    cv2.ellipse(alpha, (width // 2, height // 2), (40, 80), 0, 0, 360, 255, -1)
    return np.full((height, width, 3), (200, 30, 30), np.uint8), alpha


class Upright:
    """A generator whose people do not lean."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def uniform(self, *arguments: object) -> object:
        return self.rng.uniform(*arguments)  # type: ignore[call-overload]

    def choice(self, *arguments: object) -> object:
        return self.rng.choice(*arguments)  # type: ignore[call-overload]

    def normal(self, *_: object) -> float:
        return 0.0


@pytest.mark.parametrize("height", [20.0, 40.0, 80.0, 150.0])
def test_a_person_has_the_height_that_was_asked_for(height: float) -> None:
    seen = 0
    for seed in range(12):
        _, alpha = place(Upright(seed), *ellipse(), height, 256)  # type: ignore[arg-type]
        rows, columns = np.flatnonzero((alpha > 127).any(1)), np.flatnonzero((alpha > 127).any(0))
        if rows[0] > 0 and rows[-1] < 255:
            assert len(rows) == pytest.approx(height, abs=1.5)
            seen += 1
        if columns[0] > 0 and columns[-1] < 255:
            assert len(columns) == pytest.approx(height * 81 / 161, abs=1.5)
    assert seen


def test_most_of_a_person_is_in_the_picture() -> None:
    _, whole = place(Upright(0), *ellipse(), 20, 1024)  # type: ignore[arg-type]
    area = (whole > 127).sum() / 20**2
    for seed in range(40):
        _, alpha = place(np.random.default_rng(seed), *ellipse(), 100, 256)
        assert (alpha > 127).sum() >= (1 - BEYOND) ** 2 * 0.8 * area * 100**2


def test_the_nearer_person_is_in_front() -> None:
    image, alpha = ellipse()
    people = [(image, alpha), (np.full_like(image, 255), alpha), (np.full_like(image, 0), alpha)]
    colours, union = random_scene(np.random.default_rng(3), people, 128)
    assert colours.shape == (128, 128, 3)
    assert union.shape == (128, 128)
    assert set(np.unique(colours[union == 255])) <= {0, 30, 200, 255}


def test_people_are_as_small_as_an_eighth_and_no_larger_than_said() -> None:
    heights = []
    for seed in range(60):
        _, alpha = random_scene(np.random.default_rng(seed), [ellipse()], 256)
        rows = np.flatnonzero((alpha > 127).any(1))
        heights.append(len(rows) / 256)
    assert min(heights) < 0.2
    assert max(heights) <= HEIGHTS[1] + 0.02


def test_nobody_is_no_person() -> None:
    image, alpha = ellipse()
    colours, empty = random_scene(np.random.default_rng(0), [(image, np.zeros_like(alpha))], 64)
    assert not empty.any()
    assert not colours.any()


def test_a_person_too_thin_to_be_seen_is_left_out() -> None:
    alpha = np.zeros((400, 400), np.uint8)
    alpha[100:300, 200] = 255
    assert not place(np.random.default_rng(0), np.zeros((400, 400, 3), np.uint8), alpha, 8, 64)[1].any()


def test_turns_are_alike_for_all_images() -> None:
    image = np.arange(64 * 64, dtype=np.uint8).reshape(64, 64)
    quarters = 0
    for seed in range(30):
        one, two = turn(np.random.default_rng(seed), [image, image.copy()], cv2.BORDER_REFLECT)
        assert one.shape == (64, 64)
        assert (one == two).all()
        assert not (one == image).all()
        quarters += any((one == np.rot90(image, k)).all() for k in (1, 2, 3))
    assert 5 < quarters < 25


def test_hard_effects_keep_alpha_and_the_range() -> None:
    rng = SampleRng(torch.stack([draw_numbers(seed) for seed in range(24)]), torch.arange(24))
    image = torch.rand(24, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    alpha = torch.ones(24, 1, 32, 32)
    picture = apply_effects(Picture(image, alpha, torch.ones_like(alpha)), "hard", rng)
    assert picture.image.min() >= 0
    assert picture.image.max() <= 1
    assert torch.equal(picture.alpha, alpha)


def test_light_from_behind_darkens_the_person_alone() -> None:
    rng = SampleRng(torch.zeros(1, 96), torch.zeros(1, dtype=torch.long))
    alpha = torch.zeros(1, 1, 4, 4)
    alpha[..., :2] = 1
    rng.numbers[:, 0] = 0.5  # no night
    lit = random_light(Picture(torch.full((1, 3, 4, 4), 0.8), alpha, alpha), rng)
    assert torch.allclose(lit[..., :2], torch.tensor(0.8 * 0.15))
    assert torch.allclose(lit[..., 2:], torch.tensor(0.8))


def test_a_thumbnail_has_lost_its_detail() -> None:
    stripes = (torch.arange(32) % 2).float().expand(1, 3, 32, 32)
    small = thumbnail(stripes, torch.tensor([0.25]))
    assert small.shape == stripes.shape
    assert small.sub(0.5).abs().max() < 0.2
    assert torch.equal(thumbnail(stripes, torch.tensor([1.0])), stripes)


def test_few_pictures_become_hard() -> None:
    rng = SampleRng(torch.stack([draw_numbers(seed) for seed in range(400)]), torch.arange(400))
    image = torch.rand(400, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    changed = (hard_camera(image, rng) != image).flatten(1).any(1).float().mean()
    assert changed == pytest.approx(0.19, abs=0.06)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    for part in ("colour", "alpha"):
        (root / "cutouts" / part).mkdir(parents=True)
    (root / "backgrounds").mkdir()
    image, alpha = ellipse()
    for name in ("one", "two"):
        cv2.imwrite(str(root / "cutouts" / "colour" / f"{name}.png"), image)
        cv2.imwrite(str(root / "cutouts" / "alpha" / f"{name}.png"), alpha)
        cv2.imwrite(str(root / "backgrounds" / f"{name}.png"), np.full((120, 120, 3), 90, np.uint8))
    return root


def test_scenes_are_composites_that_depend_on_the_seed_alone(folder: Path) -> None:
    only = Mixture(photos=0, recomposited=0, cutouts=0, masks=0, empty=0, scenes=1)
    first, again = (TrainingDataset(Sources.find(folder), only, seed=5, turned=0.5) for _ in range(2))
    samples = [first[64, index] for index in range(6)]
    for index, sample in enumerate(samples):
        assert sample.composite
        assert 0 < sample.alpha.float().mean() < 128
        assert torch.equal(sample.alpha, again[64, index].alpha)
        assert torch.equal(sample.foreground, again[64, index].foreground)
    picture = render(collate(samples), "all", "hard")
    assert picture.image.shape == (6, 3, 64, 64)


def test_no_turn_leaves_the_samples_as_they_were(folder: Path) -> None:
    plain, turned = (TrainingDataset(Sources.find(folder), Mixture(), seed=1, turned=share) for share in (0, 1))
    differ = [not torch.equal(plain[64, index].alpha, turned[64, index].alpha) for index in range(8)]
    assert any(differ)


def test_a_source_four_times_as_large_is_drawn_twice_as_often() -> None:
    names = ["one1", *(f"two{i}" for i in range(4))]
    shares = source_shares([Pair(Path(f"{name}.png"), Path(f"{name}.png"), "cutout") for name in names])
    assert shares.sum() == pytest.approx(1)
    assert shares[1:].sum() == pytest.approx(2 * shares[0])
