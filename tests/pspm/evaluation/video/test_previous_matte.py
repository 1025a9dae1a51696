import numpy as np
import pytest
import torch
from PIL import Image
from pspm_runtime.model import Model
from torch import Tensor

from pspm.evaluation.video.previous_matte import PreviousMatteEngine, begin_clip, moved_matte
from pspm.networks.base import MattingNetwork
from pspm.networks.matte import Matte


class Counting(MattingNetwork):
    """Its matte is the previous one and a tenth."""

    MULTIPLE = 8
    takes_previous = True

    def forward(self, x: Tensor) -> Matte:
        return Matte(x[:, 3:] + 0.1, torch.zeros(1, 3, *x.shape[2:]))


class Moving(Counting):
    moves_previous = True


def view(across: int, size: tuple[int, int] = (320, 240)) -> tuple[np.ndarray, np.ndarray]:
    """A textured disc that has moved by some pixels, over grey, with its matte."""
    width, height = size
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x -= across
    alpha = np.clip(81 - np.hypot(x - 150, y - 120), 0, 1).astype(np.float32)
    luma = 128 + alpha * (60 * np.sin(x / 9) * np.cos(y / 11) + 30 * np.sin((x + 2 * y) / 17))
    return np.repeat(luma.astype(np.uint8)[..., None], 3, -1), alpha


def test_a_view_gets_the_matte_before_it() -> None:
    engine = PreviousMatteEngine(Counting())
    shown, _ = view(0)
    assert [float(engine.alpha(shown).mean()) for _ in range(3)] == pytest.approx([0.1, 0.2, 0.3])


def test_another_clip_size_or_scene_begins_without_one() -> None:
    engine = PreviousMatteEngine(Counting())
    model = Model(engine)
    shown, _ = view(0)
    small, dark = view(0, (160, 120))[0], np.zeros_like(shown)
    means = [float(engine.alpha(each).mean()) for each in (shown, shown, small, small, dark, shown)]
    begin_clip(model)
    means.append(float(engine.alpha(shown).mean()))
    assert means == pytest.approx([0.1, 0.2, 0.1, 0.2, 0.1, 0.1, 0.1])


def test_the_matte_is_moved_to_where_the_person_is() -> None:
    (before, matte), (after, truth) = view(0), view(9)
    moved = moved_matte(Image.fromarray(before), matte, Image.fromarray(after))
    assert np.abs(moved - truth).mean() < 0.1 * np.abs(matte - truth).mean()


def test_only_a_network_that_asks_for_it_gets_a_moved_matte() -> None:
    for network, is_moved in ((Counting(), False), (Moving(), True)):
        engine = PreviousMatteEngine(network)
        (before, matte), (after, truth) = view(0), view(9)
        engine.alpha(before)
        assert engine._before is not None
        engine._before = engine._before[0], matte
        found = engine.alpha(after)
        expected = truth if is_moved else matte
        assert np.abs(found - np.clip(expected + 0.1, 0, 1)).mean() < 0.01
