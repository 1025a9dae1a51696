"""The second input of a network that must be told a trimap."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from pspm.networks import MattingNetwork

TRIMAP = "trimap"


def blank(network: MattingNetwork, size: tuple[int, int]) -> tuple[Tensor, ...]:
    """Inputs of nothing: the picture, (1, 3, height, width), and the trimap, (1, 1, height, width), if it takes one."""
    picture = torch.zeros(1, 3, *size)
    return (picture, picture[:, :1]) if network.takes_trimap else (picture,)


def told(network: MattingNetwork, picture: Tensor) -> Tensor:
    """A picture, (1, 3, H, W), as the network's input: with a trimap after it, (1, 4, H, W), if it takes one.

    The trimap is an ellipse in a wide ring: enough to see that a file computes with it what torch does.
    """
    y, x = (torch.linspace(-1, 1, side) for side in picture.shape[2:])
    distance = torch.hypot(y[:, None], x[None])
    trimap = (distance < 0.3).float() - (distance > 0.9).float()
    return network.given(picture, trimap.expand(1, 1, -1, -1))


def feed(names: list[str], x: np.ndarray) -> dict[str, np.ndarray]:
    """A network's input, (1, 3 or 4, H, W), by the names of the file's inputs, the picture first."""
    return dict(zip(names, (x[:, :3], x[:, 3:]), strict=False))


def entry(layout: str) -> dict[str, Any]:
    """The manifest's "trimap"; layout: of the picture."""
    return {
        "name": TRIMAP,
        "layout": "NHWC" if layout == "NHWC" else "NCHW",
        "type": "float32",
        "background": -1,
        "unknown": 0,
        "foreground": 1,
    }
