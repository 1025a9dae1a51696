import math

import pytest
import torch

from pspm.training.moved_matte import LOST, OFF, estimated, moved


def test_a_pixel_gets_the_value_at_its_place_before() -> None:
    matte = torch.arange(20.0).reshape(1, 1, 4, 5)
    standing = torch.eye(2, 3)[None]
    torch.testing.assert_close(moved(matte, standing), matte, rtol=0, atol=1e-4)
    shifted = torch.tensor([[[1.0, 0, 1], [0, 1, 0.5]]])  # from one pixel to the right and half a pixel below
    expected = torch.tensor([[3.5, 4.5, 5.5, 6.5, 6.5], [8.5, 9.5, 10.5, 11.5, 11.5]])
    torch.testing.assert_close(moved(matte, shifted)[0, 0, :2], expected, rtol=0, atol=1e-4)
    turned = torch.tensor([[[-1.0, 0, 4], [0, -1, 3]]])
    torch.testing.assert_close(moved(matte, turned), matte.flip(2, 3), rtol=0, atol=1e-4)


def test_each_picture_has_its_own_motion() -> None:
    matte = torch.rand(2, 1, 4, 5, generator=torch.Generator().manual_seed(0))
    ways = torch.tensor([[[1.0, 0, 0], [0, 1, 0]], [[1, 0, 2], [0, 1, 0]]])
    found = moved(matte, ways)
    torch.testing.assert_close(found[0], matte[0])
    torch.testing.assert_close(found[1, :, :, :3], matte[1, :, :, 2:])


def test_an_estimate_is_near_the_motion_or_there_is_none() -> None:
    motion, side = torch.tensor([[[1.0, 0, 20], [0, 1, -8]]]), 256
    found = estimated(motion.expand(400, -1, -1), torch.arange(400), side)
    lost = (found == torch.eye(2, 3)).flatten(1).all(1)
    assert float(lost.float().mean()) == pytest.approx(LOST, abs=0.05)
    # Where the middle of the picture was: as far from the truth as an error of each direction says.
    middle = torch.tensor([(side - 1) / 2, (side - 1) / 2, 1])
    away = ((found[~lost] - motion) @ middle).square().sum(1).mean().sqrt()
    assert float(away) == pytest.approx(OFF * math.sqrt(2), rel=0.15)
    assert torch.equal(found, estimated(motion.expand(400, -1, -1), torch.arange(400), side))
