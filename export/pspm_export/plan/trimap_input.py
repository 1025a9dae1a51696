"""The inputs of an exported network: the image, and a trimap if the network takes one."""

from typing import Any

import torch
from torch import Tensor

from pspm.networks import MattingNetwork

IMAGE, TRIMAP = "image", "trimap"


def zero_inputs(network: MattingNetwork, size: tuple[int, int]) -> tuple[Tensor, ...]:
    """Zeros to trace a network with: the image, (1, 3, *size), and the trimap, (1, 1, *size), if it takes one."""
    image = torch.zeros(1, 3, *size)
    return (image, image[:, :1]) if network.takes_trimap else (image,)


def trimap_entry(image_layout: str) -> dict[str, Any]:
    """The manifest's "trimap" beside an image of this layout: "NCHW", "NHWC", or "image" for Core ML."""
    return {
        "name": TRIMAP,
        "layout": "NHWC" if image_layout == "NHWC" else "NCHW",
        "type": "float32",
        "background": -1,
        "unknown": 0,
        "foreground": 1,
    }
