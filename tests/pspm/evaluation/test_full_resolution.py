"""Checkpoints of networks with a trimap look at a picture at its own size, in tiles."""

import numpy as np
import torch
from pspm_runtime import Model
from torch import Tensor

from pspm.evaluation.candidate import predict_alpha
from pspm.evaluation.torch_engine import TorchEngine
from pspm.networks import Matte, MattingNetwork
from pspm.networks.trimap import given_logits


class Brightness(MattingNetwork):
    """Takes the brightness of a pixel for its alpha, and notes the sizes of what it sees."""

    MULTIPLE = 32

    def __init__(self, *, takes_trimap: bool) -> None:
        super().__init__()
        self.takes_trimap = takes_trimap
        self.seen: list[tuple[int, ...]] = []

    def forward(self, x: Tensor) -> Matte:
        self.seen.append(tuple(x.shape[2:]))
        alpha = (x[:, :1] + 1) / 2
        return Matte(alpha, given_logits(torch.zeros_like(alpha)))


def test_a_network_with_a_trimap_sees_every_pixel() -> None:
    # Stripes of one pixel, which any resizing would blur.
    image = np.zeros((600, 900, 3), np.uint8)
    image[:, ::2] = 255
    trimap = np.ones((600, 900), np.uint8)
    trimap[:, :400], trimap[:, 440:] = 0, 2
    network = Brightness(takes_trimap=True)
    alpha = predict_alpha(Model(TorchEngine(network, 1)), image, trimap)
    assert np.array_equal(alpha[:, 400:440], image[:, 400:440, 0] / 255)
    assert not alpha[:, :400].any()
    assert (alpha[:, 440:] == 1).all()
    assert set(network.seen) == {(512, 512)}


def test_a_network_that_enlarges_small_photos_does_so_in_an_evaluation() -> None:
    image = np.full((300, 200, 3), 64, np.uint8)
    trimap = np.ones((300, 200), np.uint8)
    trimap[:100], trimap[115:] = 0, 2
    network = Brightness(takes_trimap=True)
    network.ENLARGE_TO = 10_000
    alpha = predict_alpha(Model(TorchEngine(network, 1)), image, trimap)
    assert np.array_equal(alpha, np.array([0, 64, 255], np.float32)[trimap] / np.float32(255))
    assert set(network.seen) == {(512, 416)}  # of 600 x 400


def test_a_network_without_one_sees_its_view() -> None:
    network = Brightness(takes_trimap=False)
    model = Model(TorchEngine(network, 1), quality="fast")
    predict_alpha(model, np.zeros((600, 900, 3), np.uint8), np.ones((600, 900), np.uint8))
    assert network.seen == [(416, 640)]
