"""The stand-ins for data that is not at hand."""

from pathlib import Path

import numpy as np
import pytest
import torch

from pspm.tasks.denoising.patches import NoisyPictures, PatchSet
from pspm.tasks.depth.rendered_rooms import FAR, ball, box, directions, room, walls
from pspm.tasks.detection.pictures import mirrored
from pspm.tasks.detection.pictures import scenes as scenes_with_boxes
from pspm.tasks.pictures.augment import AtHeight, Labelled, augmented, random_crop
from pspm.tasks.pictures.people import divided, read_crowds
from pspm.tasks.recipe import Recipe
from pspm.tasks.segmentation.pictures import scenes
from tests.pspm.tasks import published


def test_patches_are_10_pixels_apart_at_four_scales() -> None:
    pictures = [published.textured(0, (60, 70))]
    patches = PatchSet(pictures, 40, 25)
    # 60x70: 3x4, 54x63: 2x3, 48x56: 1x2, 42x49: 1x1.
    assert len(patches) == 12 + 6 + 2 + 1
    rng = np.random.default_rng(0)
    drawn = [patches.sample(i, rng) for i in range(len(patches))]
    assert all(patch.clean.shape == (1, 40, 40) for patch in drawn)
    noise = torch.cat([patch.noisy - patch.clean for patch in drawn])
    assert float(noise.std()) == pytest.approx(25 / 255, rel=0.02)
    with pytest.raises(ValueError, match="smaller than a patch of 80 x 80"):
        PatchSet(pictures, 80, 25)


def test_test_pictures_have_the_same_noise_each_time() -> None:
    pictures = NoisyPictures([published.textured(0), published.textured(0)], 50)
    assert torch.equal(pictures[0].noisy, pictures[0].noisy)
    assert not torch.equal(pictures[0].noisy, pictures[1].noisy)


def test_a_level_camera_sees_depths_that_can_be_computed() -> None:
    rays = directions((9, 15), np.random.default_rng(0))
    # One metre deep in the camera's view, however it is turned: the middle ray has length 1, a corner's is longer.
    assert np.linalg.norm(rays[4, 7]) == pytest.approx(1)
    assert np.linalg.norm(rays[0, 0]) == pytest.approx(np.sqrt(1 + (7 / 15) ** 2 + (4 / 15) ** 2))
    straight = np.array([[[0.0, 0, 1], [0.5, 0, 1], [0, 0.5, 1]]])
    hit = walls(straight, np.array([-2.0, -1, -1]), np.array([2.0, 1, 5]))
    assert hit.distance.tolist() == [[5, 4, 2]]
    assert hit.normal[0].tolist() == [[0, 0, -1], [-1, 0, 0], [0, -1, 0]]
    hit = ball(straight, np.array([0.0, 0, 3]), 0.5)
    assert hit.distance[0, 0] == pytest.approx(2.5)
    assert hit.distance[0, 1] == FAR
    hit = box(straight, np.array([0.0, 0, 3]), np.array([0.5, 0.5, 1]), 0.0)
    assert hit.distance.tolist() == [[2, FAR, FAR]]
    assert box(straight, np.array([0.0, 0, 3]), np.array([1.0, 1, 1]), np.pi / 4).distance[0, 0] == pytest.approx(
        3 - np.sqrt(2)
    )


def test_a_room_is_all_filled_and_repeats_itself() -> None:
    first, again, other = (room((24, 32), np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first.image, again.image)
    assert np.array_equal(first.label, again.label)
    assert not np.array_equal(first.label, other.label)
    assert 0.2 < first.label.min() < first.label.max() < 15
    assert first.label.dtype == np.float32


def test_people_are_on_one_side_of_the_split(tmp_path: Path) -> None:
    train, test = read_crowds(published.write_people(tmp_path))
    assert {person.name for person in train.people} == {"0", "1", "2", "3", "5"}
    assert {person.name for person in test.people} == {"4"}
    with pytest.raises(ValueError, match=r"cutouts/ has 1 pictures, too few"):
        divided(["a"], ["a"], "cutouts")


def test_boxes_enclose_what_is_seen_of_the_people(tmp_path: Path) -> None:
    crowd, _ = read_crowds(published.write_people(tmp_path))
    for (image, objects), labelled in zip(
        scenes_with_boxes(crowd, (48, 64), 8), scenes(crowd, (48, 64), 8), strict=True
    ):
        assert image.shape == labelled.image.shape == (48, 64, 3)
        assert set(np.unique(labelled.label)) <= {0, 1}
        for (left, top, right, bottom), area in zip(objects.boxes, objects.areas, strict=True):
            assert 0 <= left < right <= 64
            assert 0 <= top < bottom <= 48
            assert area <= (right - left) * (bottom - top)
        twice = mirrored(mirrored(scenes_with_boxes(crowd, (48, 64), 1)[0]))
        assert np.array_equal(twice.objects.boxes, scenes_with_boxes(crowd, (48, 64), 1)[0].objects.boxes)


def test_labels_go_where_their_pixels_go() -> None:
    values = np.arange(1, 49, dtype=np.uint8).reshape(6, 8)
    picture = Labelled(np.dstack([values] * 3), values)
    recipe = Recipe("", lr=0, batch=1, crop=(4, 5))
    for seed in range(5):
        (image, label), scale = augmented(picture, recipe, np.random.default_rng(seed), 0)
        assert scale == 1
        assert label.shape == (4, 5)
        assert np.array_equal(image[..., 0], label)
    (halved,), (same,) = AtHeight([picture], 3), AtHeight([picture], 0)
    assert halved.image.shape == (3, 4, 3)
    assert np.isin(halved.label, values).all()
    assert same is picture
    larger = random_crop(picture, (10, 8), np.random.default_rng(0), 255)
    assert (larger.label == 255).sum() == 4 * 8
    scaled = Recipe("", lr=0, batch=1, crop=(8, 8), scale=(2, 2), rotation=5, colours=True)
    (image, label), scale = augmented(picture, scaled, np.random.default_rng(0), 0)
    assert scale == 2
    assert image.shape == (8, 8, 3)
    assert set(np.unique(label)) <= {0, *range(1, 49)}
