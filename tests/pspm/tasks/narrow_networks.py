"""Narrow forms of the tasks' networks, which tests can afford."""

from typing import Any

import torch
from torch import nn

from pspm.tasks.networks import TASK_NETWORKS, build
from pspm.tasks.networks.mobilenet_v1 import Widths

MOBILE = Widths((4, 6, 8, 8, 8, 8, *[12] * 6, 16, 16), (12, 8, 8, 6, 4))
OPTIONS: dict[str, dict[str, Any]] = {
    "dncnn": {"width": 4},
    "dncnn-segnet": {"width": 4},
    "dncnn-segnet-strides": {"width": 4},
    "segnet": {"width": 4, "classes": 3},
    "fastdepth": {"widths": MOBILE},
    "fastdepth-p": {"widths": MOBILE},
    "bts-r50": {"depths": (1, 1, 1, 1)},
    "hu-r50": {"depths": (1, 1, 1, 1)},
}


def narrow(name: str, operator: str | None = None) -> nn.Module:
    """A network with few channels and random weights (seed 0)."""
    torch.manual_seed(0)
    return build(name, operator, **OPTIONS[name])


def picture(name: str, side: int = 32) -> torch.Tensor:
    """A random input, (1, C, side, side) in [0, 1]."""
    generator = torch.Generator().manual_seed(1)
    return torch.rand(1, TASK_NETWORKS[name].channels, side, side, generator=generator)
