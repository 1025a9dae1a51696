"""Clips for training: what moves, what stays, and what the network has before the first frame."""

from pathlib import Path

import numpy as np
import pytest
import torch

from pspm.data.folders.sources import Sources
from pspm.data.samples.batch import Batch
from pspm.data.samples.clip import STEP, ClipDataset, Motion, _moved
from pspm.data.samples.sample_options import Mixture
from pspm.training.clip_module import starting_mattes
from pspm.training.moved_matte import moved

CROP = 64


@pytest.fixture(scope="module")
def clips(data: Path) -> ClipDataset:
    dataset = ClipDataset(Sources.find(data), Mixture(photos=0.5, recomposited=0, cutouts=0.5, masks=0, empty=0), 3)
    dataset.frames = 3
    return dataset


def frames(clips: ClipDataset, number: int) -> list[Batch]:
    return [clips[CROP, number * 3 + frame] for frame in range(3)]


def test_a_frame_is_the_same_whenever_it_is_made(clips: ClipDataset) -> None:
    wanted = frames(clips, 4)
    frames(clips, 5)
    for first, again in zip(wanted[::-1], frames(clips, 4)[::-1], strict=True):
        assert all(torch.equal(one, other) for one, other in zip(first, again, strict=True))


def test_a_clip_has_one_camera_and_other_noise_in_each_frame(clips: ClipDataset) -> None:
    for number in range(4):
        first, second, third = frames(clips, number)
        assert torch.equal(first.numbers, second.numbers)
        assert torch.equal(second.numbers, third.numbers)
        assert len({int(frame.seed) for frame in (first, second, third)}) == 3
        assert first.foreground.shape == (3, CROP, CROP)
        assert first.alpha.shape == first.trusted.shape == (1, CROP, CROP)


def test_some_people_move_and_some_stand_still(clips: ClipDataset) -> None:
    moved = []
    for number in range(24):
        first, _, third = frames(clips, number)
        moved.append(float((first.alpha.float() - third.alpha.float()).abs().mean()))
    assert 2 < sum(change == 0 for change in moved) < 20
    assert max(moved) > 1


def test_a_moved_picture_is_cropped_from_where_it_was() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (72, 72, 3), np.uint8)
    still = _moved(picture, Motion(0, 0, 0, 1), [0], 64)
    assert np.array_equal(still, picture[4:68, 4:68])
    assert np.array_equal(_moved(picture, Motion(2, -1, 0, 1), [1], 64), picture[5:69, 2:66])
    assert np.array_equal(_moved(picture, Motion(2, -1, 0, 1), [-1], 64), picture[3:67, 6:70])


def test_a_motion_says_where_pixels_were_a_frame_before() -> None:
    before = Motion(2, -1, 0, 1).before(1, 72, 64)
    np.testing.assert_allclose(before, [[1, 0, -2], [0, 1, 1]], atol=1e-9)
    # Turned by 90 degrees against the clock about the middle of the crop, which is at 31.5.
    np.testing.assert_allclose(Motion(0, 0, 90, 1).before(0, 72, 64) @ [31.5, 0, 1], [63, 31.5], atol=1e-9)
    np.testing.assert_allclose(Motion(0, 0, 0, 2).before(3, 72, 64) @ [63.5, 31.5, 1], [47.5, 31.5], atol=1e-9)


def test_the_matte_of_a_frame_is_that_of_the_frame_before_moved(clips: ClipDataset) -> None:
    compared = 0
    for number in range(16):
        one, other = frames(clips, number)[:2]
        change = (other.alpha.float() - one.alpha).abs().mean()
        if change < 4:
            continue
        left = (moved(one.alpha[None].float(), other.motion[None])[0] - other.alpha).abs()[:, 8:-8, 8:-8].mean()
        assert left < 0.35 * change
        compared += 1
    assert compared > 2


def test_motion_blur_is_the_mean_of_its_exposures() -> None:
    plane = np.zeros((72, 72), np.float32)
    plane[:, 40:] = 1
    blurred = _moved(plane, Motion(4, 0, 0, 1), [-0.25, 0, 0.25], 64)
    assert blurred[10, 34:39] == pytest.approx([0, 1 / 3, 2 / 3, 1, 1])


def test_the_fastest_motion_stays_near_the_room_around_a_crop() -> None:
    assert STEP[1] <= 0.125


def test_starting_mattes_are_empty_or_near_the_truth() -> None:
    truth = torch.zeros(200, 1, 64, 64)
    truth[:, :, 16:48, 16:48] = 1
    starts = starting_mattes(truth, torch.arange(200))
    empty = (starts == 0).flatten(1).all(1)
    assert 50 < int(empty.sum()) < 110
    assert (starts[~empty] - truth[~empty]).abs().mean() < 0.2
    assert starts.min() >= 0
    assert starts.max() <= 1
    assert torch.equal(starts, starting_mattes(truth, torch.arange(200)))
